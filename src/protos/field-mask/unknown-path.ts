import type { DescField, DescMessage, Message } from "@bufbuild/protobuf";
import { LIMITS } from "../../core/limits.ts";
import type { SchemaIssue } from "../../core/method/schema.ts";
import { didYouMean } from "../../core/value/nearest.ts";
import { type UpdateFields, updateFieldsOf } from "./masked-field.ts";
import { masksIn, type Step } from "./message-json.ts";
import { fieldNamed, segmentsOf } from "./path.ts";

/**
 * The paths of update masks that name nothing in their resource, in the message and in all messages
 * inside it. An issue has the path of the mask, and its text names the path in the mask.
 *
 * A path names fields in either spelling. After a map comes any key, after a list only `*`. `*` is
 * also a whole mask. Below a Struct, a Value or an Any, every path is accepted. A mask whose
 * resource is only a guess is not checked.
 *
 * @returns at most `LIMITS.violationsMax` issues
 * @see AIP-134, AIP-161
 */
export function unknownPaths(desc: DescMessage, message: Message): readonly SchemaIssue[] {
  const issues: SchemaIssue[] = [];
  for (const { mask, steps } of masksIn(desc, message)) {
    const field = steps.at(-1)?.field;
    const update = field && updateFieldsOf(field.parent);
    if (update === undefined || update.mask !== field || !update.isCertain) continue;
    for (const path of mask.paths) {
      const rule = path === "*" ? undefined : unknownPart(update.resource, path);
      if (rule === undefined) continue;
      issues.push({ message: refusedPath(path, rule), path: issuePathOf(steps) });
      if (issues.length === LIMITS.violationsMax) return issues;
    }
  }
  return issues;
}

function issuePathOf(steps: readonly Step[]): readonly (string | number)[] {
  return steps.flatMap(({ field, member }) => (member === undefined ? [field.name] : [field.name, member]));
}

/** The text of a refused path of a mask. */
export function refusedPath(path: string, rule: string): string {
  return `Invalid path ${JSON.stringify(path.slice(0, 200))}: ${rule}`;
}

/** The text for a name that a message does not have. */
export function noField(desc: DescMessage, segment: string): string {
  const names = desc.fields.map(({ name }) => name);
  return `${desc.typeName} has no field ${JSON.stringify(segment.slice(0, 100))}${didYouMean(segment, names)}`;
}

/** @returns the error of a path that names nothing, otherwise undefined */
function unknownPart(resource: UpdateFields["resource"], path: string): string | undefined {
  let desc: DescMessage = resource.message;
  const segments = segmentsOf(path);
  for (let index = 0; index < segments.length; index++) {
    const segment = segments[index] ?? "";
    const field = fieldNamed(desc, segment);
    if (field === undefined) {
      const isOutside = index === 0 && segment === resource.name && segments.length > 1;
      return noField(desc, segment) + (isOutside ? `; paths begin below "${segment}"` : "");
    }
    let next = segments[index + 1];
    if (next === undefined) return undefined;
    if (field.fieldKind === "list" || field.fieldKind === "map") {
      if (field.fieldKind === "list" && next !== "*")
        return `"${field.name}" is a list, and a path cannot name one of its members`;
      next = segments[++index + 1];
      if (next === undefined) return undefined;
    }
    if (field.message === undefined) return noParts(field);
    if (FREE.has(field.message.typeName)) return undefined;
    desc = field.message;
  }
  return undefined;
}

function noParts(field: DescField): string {
  if (field.fieldKind !== "map") return `"${field.name}" has no fields`;
  return `the values of "${field.name}" have no fields; put a key with a dot in backticks`;
}

/** Types with members that no descriptor names. */
const FREE: ReadonlySet<string> = new Set(
  ["Any", "Struct", "Value", "ListValue"].map((name) => `google.protobuf.${name}`),
);
