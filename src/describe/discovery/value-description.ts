import { LIMITS } from "../../core/limits.ts";
import type { ValueDescription } from "./description.ts";

/** A JSON Schema, draft 2020-12, as schema libraries write it. */
type JsonSchema = Readonly<Record<string, unknown>>;

/** Receives descriptions of named parts, and gives their `$ref`. */
export interface References {
  /** The id of a `$ref` such as `#/$defs/Entry`; undefined if it has no target. */
  idOf(reference: string): string | undefined;
}

/** Any value. */
const ANY: ValueDescription = { type: "any" };

/** Formats with the names of the discovery service. */
const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ["date-time", "google-datetime"],
  ["date", "date"],
  ["byte", "byte"],
  ["int32", "int32"],
  ["uint32", "uint32"],
  ["int64", "int64"],
  ["uint64", "uint64"],
  ["float", "float"],
  ["double", "double"],
]);

/**
 * Translates JSON Schema into the dialect of discovery documents. Parts that the dialect cannot
 * express (alternatives, tuples, conditions) become `any`, so that a document never excludes values
 * that the schema accepts.
 */
export function valueDescription(schema: unknown, references: References, depth = 0): ValueDescription {
  if (!isObject(schema) || depth > LIMITS.jsonDepthMax) return ANY;
  const described = describe(schema, references, depth);
  return { ...described, ...remarks(schema, described.$ref !== undefined) };
}

function describe(schema: JsonSchema, references: References, depth: number): ValueDescription {
  if (typeof schema["$ref"] === "string") {
    const id = references.idOf(schema["$ref"]);
    return id === undefined ? ANY : { $ref: id };
  }
  const choices = choicesOf(schema);
  if (choices !== undefined) return choices;
  const only = onlyAlternative(schema);
  if (only !== undefined) return valueDescription(only, references, depth + 1);
  switch (typeOf(schema)) {
    case "string":
      return { type: "string", ...formatOf(schema), ...patternOf(schema) };
    case "integer":
      return { type: "integer", ...integerFormat(schema), ...bounds(schema) };
    case "number":
      return { type: "number", format: FORMATS.get(schema["format"]) ?? "double", ...bounds(schema) };
    case "boolean":
      return { type: "boolean" };
    case "array":
      return { type: "array", items: valueDescription(schema["items"], references, depth + 1) };
    case "object":
      return { type: "object", ...members(schema, references, depth) };
    default:
      return ANY;
  }
}

/** The texts of which the value must be one. */
function choicesOf(schema: JsonSchema): ValueDescription | undefined {
  const alternatives = arrayOf(schema["anyOf"] ?? schema["oneOf"]);
  const values = "const" in schema ? [schema["const"]] : arrayOf(schema["enum"]);
  const texts =
    values.length > 0 ? values : alternatives.map((each) => (isObject(each) ? each["const"] : undefined));
  if (texts.length === 0 || !texts.every((text) => typeof text === "string")) return undefined;
  return { type: "string", enum: texts };
}

/** The only alternative besides `null`: JSON fields of discovery clients may always be absent. */
function onlyAlternative(schema: JsonSchema): unknown {
  const alternatives = arrayOf(schema["anyOf"] ?? schema["oneOf"] ?? schema["allOf"]);
  const left = alternatives.filter((each) => !(isObject(each) && each["type"] === "null"));
  return left.length === 1 ? left[0] : undefined;
}

function typeOf(schema: JsonSchema): unknown {
  if (schema["type"] === undefined && isObject(schema["properties"])) return "object";
  const types = arrayOf(schema["type"]).filter((type) => type !== "null");
  return types.length > 0 ? (types.length === 1 ? types[0] : undefined) : schema["type"];
}

function members(schema: JsonSchema, references: References, depth: number): ValueDescription {
  const properties = isObject(schema["properties"]) ? schema["properties"] : undefined;
  const required = new Set(arrayOf(schema["required"]));
  const described = Object.entries(properties ?? {}).map(([name, property]) => {
    const description = valueDescription(property, references, depth + 1);
    return [name, required.has(name) ? { ...description, required: true } : description] as const;
  });
  const more = schema["additionalProperties"];
  const open = more === undefined ? properties === undefined : more !== false;
  return {
    ...(properties === undefined ? {} : { properties: Object.fromEntries(described) }),
    ...(open ? { additionalProperties: valueDescription(more, references, depth + 1) } : {}),
  };
}

/** The remarks for any type; next to a `$ref`, only the description is allowed. */
function remarks(schema: JsonSchema, isReference: boolean): ValueDescription {
  const text = schema["description"] ?? schema["title"];
  const description = typeof text === "string" ? { description: text } : {};
  if (isReference) return description;
  const fallback = schema["default"];
  const isScalar = ["string", "number", "boolean"].includes(typeof fallback);
  return {
    ...description,
    ...(isScalar ? { default: String(fallback) } : {}),
    ...(schema["deprecated"] === true ? { deprecated: true } : {}),
    ...(schema["readOnly"] === true ? { readOnly: true } : {}),
  };
}

function formatOf(schema: JsonSchema): ValueDescription {
  const format = FORMATS.get(schema["format"]);
  return format === undefined ? {} : { format };
}

function patternOf(schema: JsonSchema): ValueDescription {
  // A pattern that a library created for a known format adds nothing to the format.
  const { pattern, format } = schema;
  return typeof pattern === "string" && format === undefined ? { pattern } : {};
}

const INT32_MAX = 2_147_483_647;

/** `integer` has 32 bits in discovery documents; wider integers have no format. */
function integerFormat(schema: JsonSchema): ValueDescription {
  const { minimum, maximum } = schema;
  const narrow =
    typeof minimum === "number" &&
    typeof maximum === "number" &&
    minimum >= -INT32_MAX - 1 &&
    maximum <= INT32_MAX;
  return narrow ? { format: "int32" } : formatOf(schema);
}

function bounds(schema: JsonSchema): ValueDescription {
  const bound = (key: "minimum" | "maximum"): ValueDescription => {
    const value = schema[key];
    // The bounds of exact integers in a double are not intended as limits.
    return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER
      ? { [key]: String(value) }
      : {};
  };
  return { ...bound("minimum"), ...bound("maximum") };
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
