import { didYouMean } from "../../core/value/nearest.ts";
import type { JsonSchema } from "../../forms/form.ts";

/**
 * Checks that a path of names leads to a text, a number or a boolean, as far as the schema shows.
 *
 * @throws {TypeError} with the missing name, and the existing ones
 */
export function checkMember(schema: unknown, names: readonly string[]): void {
  let at = [schema];
  for (const [index, name] of names.entries()) {
    const parts = at.flatMap((each) => partsOf(schema, each, new Set()));
    const found = parts.flatMap(({ properties }) =>
      isMembers(properties) && Object.hasOwn(properties, name) ? [properties[name]] : [],
    );
    const known = [...new Set(parts.flatMap(({ properties }) => Object.keys(properties ?? {})))];
    if (found.length === 0 && known.length > 0)
      throw new TypeError(
        `the request has no "${names.slice(0, index + 1).join(".")}"${didYouMean(name, known) || `; there is ${known.slice(0, 20).join(", ")}`}`,
      );
    at = found;
  }
  const types = at.flatMap((each) => partsOf(schema, each, new Set())).flatMap(({ type }) => type ?? []);
  const isPlain = types.length === 0 || types.some((type) => PLAIN.has(type));
  if (!isPlain)
    throw new TypeError(
      `"${names.join(".")}" is of the type ${types.join(" or ")}, and has to be a text, a number or a truth`,
    );
}

const PLAIN: ReadonlySet<unknown> = new Set(["string", "integer", "number", "boolean"]);

/** The text of a member; empty if it is missing. */
export function memberText(value: unknown, names: readonly string[]): string {
  const found = names.reduce<unknown>(
    (at, name) => (isMembers(at) && Object.hasOwn(at, name) ? at[name] : undefined),
    value,
  );
  return typeof found === "string" || typeof found === "number" || typeof found === "boolean"
    ? String(found)
    : "";
}

/** The possible names of members of a schema's object, as far as the schema shows. */
export function memberNames(root: JsonSchema): readonly string[] {
  return partsOf(root, root, new Set()).flatMap(({ properties }) => Object.keys(properties ?? {}));
}

/** A schema of any kind, or a part of one. */
interface Part {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly type?: string | readonly string[];
}

/** A schema with the schemas that it refers to or combines: all that describe the same value. */
function partsOf(root: unknown, schema: unknown, seen: Set<unknown>): readonly Part[] {
  if (!isMembers(schema) || seen.has(schema)) return [];
  seen.add(schema);
  const { $ref, allOf = [], anyOf = [], oneOf = [], then: met, else: unmet } = schema;
  const others = [allOf, anyOf, oneOf].flatMap((each) => (Array.isArray(each) ? (each as unknown[]) : []));
  const referred = typeof $ref === "string" ? [placeIn(root, $ref.slice(1))] : [];
  return [schema, ...[...referred, ...others, met, unmet].flatMap((each) => partsOf(root, each, seen))];
}

function placeIn(root: unknown, pointer: string): unknown {
  return pointer
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"))
    .reduce<unknown>((at, name) => (isMembers(at) ? at[name] : undefined), root);
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
