import { shownOption } from "../value/options.ts";
import { jsonSchemaOf, type Schema } from "./schema.ts";

/**
 * Checks that an option is a Standard Schema.
 *
 * @throws {TypeError} with the invalid value
 */
export function checkSchema(what: string, option: unknown): void {
  if (option !== null && (typeof option === "object" || typeof option === "function")) {
    const standard: unknown = (option as Readonly<Record<string, unknown>>)["~standard"];
    if (typeof standard === "object" && standard !== null && "validate" in standard) {
      if (typeof standard.validate === "function") return;
    }
  }
  throw new TypeError(
    `${what}: expected a Standard Schema (of zod 3.24, valibot 1 or arktype 2, or later), got ${shownOption(option)}`,
  );
}

/**
 * Checks that the output of a schema can be a JSON object, as far as the schema tells.
 *
 * @throws {TypeError} with the other kind of output
 */
export function checkGivesObject(what: string, schema: Schema): void {
  const kind = otherKindOf(schema);
  if (kind === undefined) return;
  throw new TypeError(
    `${what}: expected a schema of an object, since callers get an object, got one of ${kind}`,
  );
}

/** The members of a schema's output, as far as the schema tells. */
export function membersOf(schema: Schema): readonly string[] {
  const properties = jsonSchemaOf(schema, "output")?.["properties"];
  if (isRecord(properties)) return Object.keys(properties);
  // One member without a JSON Schema, such as a date, hides all others.
  const { shape, entries } = schema as unknown as Readonly<Record<string, unknown>>;
  return Object.keys(isRecord(shape) ? shape : isRecord(entries) ? entries : {});
}

/**
 * The kind of a schema's output that is never an object; undefined if it may be an object, or is
 * unknown.
 */
function otherKindOf(schema: Schema): string | undefined {
  const described = jsonSchemaOf(schema, "output");
  const kind = described === undefined ? undefined : otherJsonType(described);
  return kind ?? otherDefinedKind(definitionOf(schema));
}

function otherJsonType({ type, anyOf, oneOf }: Readonly<Record<string, unknown>>): string | undefined {
  const types = Array.isArray(type) ? (type as unknown[]) : [type];
  if (type !== undefined) return types.some(mayBeObject) ? undefined : types.join(" or ");
  const cases = anyOf ?? oneOf;
  if (!Array.isArray(cases) || cases.length === 0) return undefined;
  const kinds = cases.map((each) => (isRecord(each) ? otherJsonType(each) : undefined));
  return kinds.every((each) => each !== undefined) ? [...new Set(kinds)].join(" or ") : undefined;
}

function mayBeObject(type: unknown): boolean {
  return type === "object" || type === "null";
}

/** The kind of a schema without JSON Schema: a word in zod and valibot, a prototype in arktype. */
function otherDefinedKind(definition: Readonly<Record<string, unknown>>): string | undefined {
  const { proto, domain, type, typeName, pipe } = definition;
  const word = [proto, domain, type, typeName].find((each) => typeof each === "string");
  // The output of a pipe in valibot comes from its last step.
  if (typeof word !== "string" || Array.isArray(pipe)) return undefined;
  const kind = word.replace(/^Zod/, "").toLowerCase();
  return OTHER_KINDS.has(kind) ? kind : undefined;
}

const OTHER_KINDS: ReadonlySet<string> = new Set([
  "array",
  "bigint",
  "blob",
  "boolean",
  "date",
  "file",
  "function",
  "map",
  "nan",
  "number",
  "promise",
  "set",
  "string",
  "symbol",
  "tuple",
]);

/**
 * The definition of a schema in its library's own terms: `def` of zod, `json` of arktype, the
 * schema itself of valibot.
 */
function definitionOf(schema: Schema): Readonly<Record<string, unknown>> {
  const { def, _def, json } = schema as unknown as Readonly<Record<string, unknown>>;
  const own = [def, _def, json].find((each) => isRecord(each)) ?? schema;
  return own as Readonly<Record<string, unknown>>;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
