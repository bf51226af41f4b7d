import type { ParameterDescription, ValueDescription } from "../discovery/description.ts";

/** A JSON Schema of draft 2020-12, which OpenAPI 3.1 accepts unchanged. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** The address of a schema inside the document. */
export function schemaReference(id: string): string {
  return `#/components/schemas/${id}`;
}

/** Keywords with the same name and meaning in discovery documents and JSON Schema. */
const ALIKE = ["description", "enum", "pattern", "deprecated", "readOnly"] as const;

/**
 * Converts a description of the discovery document to OpenAPI: bounds and defaults become values,
 * `required` moves from the property to its object, and `any` becomes a schema without a type.
 *
 * @see https://json-schema.org/draft/2020-12; https://spec.openapis.org/oas/v3.1.0#schema-object
 */
export function jsonSchema(value: ValueDescription): JsonSchema {
  const schema: Record<string, unknown> = {};
  for (const key of ALIKE) if (value[key] !== undefined) schema[key] = value[key];
  if (value.$ref !== undefined) return { $ref: schemaReference(value.$ref), ...schema };
  if (value.type !== undefined && value.type !== "any") schema["type"] = value.type;
  if (value.format !== undefined) schema["format"] = FORMATS.get(value.format) ?? value.format;
  if (value.default !== undefined) schema["default"] = typed(value.default, value.type);
  if (value.minimum !== undefined) schema["minimum"] = Number(value.minimum);
  if (value.maximum !== undefined) schema["maximum"] = Number(value.maximum);
  if (value.items !== undefined) schema["items"] = jsonSchema(value.items);
  if (value.additionalProperties !== undefined) {
    schema["additionalProperties"] = jsonSchema(value.additionalProperties);
  }
  return value.properties === undefined ? schema : { ...schema, ...members(value.properties) };
}

const FORMATS: ReadonlyMap<string, string> = new Map([["google-datetime", "date-time"]]);

function members(properties: Readonly<Record<string, ValueDescription>>): JsonSchema {
  const entries = Object.entries(properties);
  const required = entries.filter(([, each]) => each.required === true).map(([name]) => name);
  return {
    properties: Object.fromEntries(entries.map(([name, each]) => [name, jsonSchema(each)])),
    ...(required.length === 0 ? {} : { required }),
  };
}

/** A default, which discovery documents write as text for every type. */
function typed(text: string, type: ValueDescription["type"]): unknown {
  return type === "boolean" || type === "integer" || type === "number" ? (JSON.parse(text) as unknown) : text;
}

/** A parameter. @see https://spec.openapis.org/oas/v3.1.0#parameter-object */
export function parameterObject(name: string, parameter: ParameterDescription): JsonSchema {
  const { description, required, deprecated, location, repeated, ...value } = parameter;
  const schema = jsonSchema(value);
  return {
    name,
    in: location,
    ...(description === undefined ? {} : { description }),
    ...(required === true ? { required } : {}),
    ...(deprecated === true ? { deprecated } : {}),
    schema: repeated === true ? { type: "array", items: schema } : schema,
  };
}

/** Keywords whose value is a schema for each name. */
const NAMED_SCHEMAS: ReadonlySet<string> = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
]);
/** Keywords whose value is data, which may look like a schema. */
const DATA: ReadonlySet<string> = new Set(["const", "default", "enum", "examples"]);

/**
 * Converts a separate schema to a part of the document: its references to itself begin at the new
 * place, and references to nothing or to other places accept anything, because readers of the
 * document may be offline.
 *
 * @param place the new place of the schema, such as `#/components/schemas/PackRequest`
 */
export function transplanted(root: JsonSchema, place: string): JsonSchema {
  const { $schema: _dialect, $id: _address, ...rest } = root;
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== "object" || node === null) return node;
    const out: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(node)) {
      if (key === "$ref" && typeof value === "string") {
        if (resolves(root, value)) out[key] = place + value.slice(1);
      } else if (NAMED_SCHEMAS.has(key)) {
        out[key] = Object.fromEntries(
          Object.entries(value as object).map(([name, each]) => [name, visit(each)]),
        );
      } else {
        out[key] = DATA.has(key) ? value : visit(value);
      }
    }
    return out;
  };
  return visit(rest) as JsonSchema;
}

/** Whether a reference such as `#/$defs/Entry` has a target in the schema. */
function resolves(root: JsonSchema, reference: string): boolean {
  if (reference === "#") return true;
  if (!reference.startsWith("#/")) return false;
  let node: unknown = root;
  for (const part of reference.slice(2).split("/")) {
    const key = part.replaceAll("~1", "/").replaceAll("~0", "~");
    if (typeof node !== "object" || node === null || !Object.hasOwn(node, key)) return false;
    node = (node as Record<string, unknown>)[key];
  }
  return true;
}
