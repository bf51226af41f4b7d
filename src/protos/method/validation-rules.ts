import type { Validator } from "@bufbuild/protovalidate";
import type { DescFile, DescMessage, DescMethod, Message } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import type { SchemaIssue } from "../../core/method/schema.ts";
import { scopesIn } from "../field-mask/scope.ts";
import type { Types } from "../../wire/proto/registry.ts";
import { withImports } from "./imported-types.ts";

/** The file that protos import when they carry rules of protovalidate. */
const RULES_FILE = "buf/validate/validate";

/** Whether a file, or one that it imports, may carry rules of protovalidate. */
export function mayHaveRules(file: DescFile): boolean {
  return [...withImports(file)].some(({ name }) => name === RULES_FILE);
}

/**
 * Loads what checks rules. It is large, so it is no dependency of ours: whoever has rules installs it.
 *
 * @throws {TypeError} when it is not installed, saying how to install it
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

/** Whether the rules of an RPC's protos, if they have some, can be checked. @throws {TypeError} as {@link loadRules} */
export async function checkRules(rpc: DescMethod): Promise<void> {
  if (mayHaveRules(rpc.parent.file)) await loadRules(rpc.parent.file);
}

/**
 * What a message breaks of the rules in its protos, each with the path of its field. Of a resource that is to be updated, only
 * what the update is about is judged (AIP-134); rules over all of a message need all of it.
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

/** A validator compiles the rules of a message once. */
const validators = new WeakMap<Types, Validator>();

/** Whether a rule is about one field, and not about a whole message. */
function isRuleOfField([first]: Path): boolean {
  return first?.kind === "field" && first.parent.name === "FieldRules";
}

/** As in all issues: fields by their names in the proto. */
function issuePathOf(path: Path): readonly (string | number)[] {
  return path.map((step) => {
    if (step.kind === "list_sub") return step.index;
    return step.kind === "map_sub" ? String(step.key) : step.name;
  });
}
