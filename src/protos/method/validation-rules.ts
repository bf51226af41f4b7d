import type { Validator } from "@bufbuild/protovalidate";
import type { DescFile, DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import type { SchemaIssue } from "../../core/method/schema.ts";
import { scopesIn } from "../field-mask/scope.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { withImports } from "./imported-types.ts";

/** The file that protos with rules of protovalidate import. */
const RULES_FILE = "buf/validate/validate";

/** Whether a file, or one of its imports, may contain rules of protovalidate. */
export function mayHaveRules(file: DescFile): boolean {
  return [...withImports(file)].some(({ name }) => name === RULES_FILE);
}

/**
 * Loads the package that checks rules. It is large, so it is not a dependency: users with rules
 * install it.
 *
 * @throws {TypeError} if it is not installed, with instructions
 */
export async function loadRules(
  file: DescFile,
  load: () => Promise<typeof import("@bufbuild/protovalidate")> = () => import("@bufbuild/protovalidate"),
): Promise<typeof import("@bufbuild/protovalidate")> {
  try {
    return await load();
  } catch (cause) {
    const message = `${file.name}.proto has rules of protovalidate; what checks them is not installed: npm install @bufbuild/protovalidate`;
    throw new TypeError(message, { cause });
  }
}

/**
 * Checks that the rules of an RPC's protos, if any, can be evaluated. @throws {TypeError} as
 * {@link loadRules}
 */
export async function checkRules(rpc: DescMethod): Promise<void> {
  if (mayHaveRules(rpc.parent.file)) await loadRules(rpc.parent.file);
}

/**
 * The violated rules of a message, each with the path of its field. For an update, only the covered
 * fields of the resource are checked (AIP-134); rules on a whole message apply only if all of it is
 * covered.
 *
 * @see https://protovalidate.com
 */
export async function brokenRules(
  desc: DescMessage,
  message: Message,
  types: Types,
): Promise<readonly SchemaIssue[]> {
  const { createValidator } = await loadRules(desc.file);
  const validator = validators.get(types) ?? createValidator({ registry: types });
  validators.set(types, validator);
  const result = validator.validate(desc, message);
  if (result.kind === "valid") return [];
  if (result.kind === "error") return [{ message: result.error.message }];
  const scopeAt = scopesIn(desc, message);
  return result.violations
    .filter(({ field, rule }) => {
      const scope = scopeAt(field);
      return isRuleOfField(rule) ? scope !== undefined : scope === "all";
    })
    .map((violation) => ({ message: violation.message, path: issuePathOf(violation.field) }));
}

/** A cache, because a validator compiles the rules of a message once. */
const validators = new WeakMap<Types, Validator>();

/** Whether a rule belongs to one field, and not to a whole message. */
function isRuleOfField([first]: Path): boolean {
  return first?.kind === "field" && first.parent.name === "FieldRules";
}

/** As in all issues, fields have their names from the proto. */
function issuePathOf(path: Path): readonly (string | number)[] {
  return path.map((step) => {
    if (step.kind === "list_sub") return step.index;
    return step.kind === "map_sub" ? String(step.key) : step.name;
  });
}
