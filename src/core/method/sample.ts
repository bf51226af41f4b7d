/** A JSON Schema that is an object. (`true` and `false` are schemas too, but say nothing.) */
type JsonSchema = Readonly<Record<string, unknown>>;

/** Schemas may contain themselves; samples need not show that. */
const DEPTH_MAX = 6;

/**
 * A value that a JSON Schema would probably accept, for a first call: examples and defaults if the
 * schema has them, required members only, and otherwise the smallest allowed values.
 */
export function sampleOf(schema: JsonSchema, root: JsonSchema = schema, depth = 0): unknown {
  const given = givenSample(schema);
  if (given !== undefined) return given;
  if (depth > DEPTH_MAX) return null;
  const inner = (other: unknown): unknown => (isJsonSchema(other) ? sampleOf(other, root, depth + 1) : null);
  if (typeof schema["$ref"] === "string") return inner(resolveReference(schema["$ref"], root));
  for (const key of ["anyOf", "oneOf"]) {
    const branches = schema[key];
    if (Array.isArray(branches)) return inner(branches[0]);
  }
  if (Array.isArray(schema["allOf"])) {
    const parts = schema["allOf"].map(inner).filter((part) => typeof part === "object");
    return Object.assign({}, ...parts) as unknown;
  }
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "string":
      return sampleText(schema);
    case "integer":
    case "number":
      return sampleNumber(schema);
    case "boolean":
      return true;
    case "array":
      return Number(schema["minItems"] ?? 0) > 0 ? [inner(schema["items"] ?? {})] : [];
    case "null":
      return null;
    default:
      return sampleObject(schema, inner);
  }
}

function givenSample(schema: JsonSchema): unknown {
  for (const key of ["examples", "enum"]) {
    const values = schema[key];
    if (Array.isArray(values) && values.length > 0) return values[0];
  }
  return ["const", "default", "example"].map((key) => schema[key]).find((value) => value !== undefined);
}

function sampleObject(schema: JsonSchema, inner: (schema: unknown) => unknown): unknown {
  const properties = isJsonSchema(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? (schema["required"] as readonly string[]) : [];
  return Object.fromEntries(required.map((key) => [key, inner(properties[key])]));
}

const FORMATS: Readonly<Record<string, string>> = {
  email: "somebody@example.com",
  uri: "https://example.com/",
  url: "https://example.com/",
  uuid: "123e4567-e89b-42d3-a456-426614174000",
  "date-time": "2026-01-01T00:00:00Z",
  date: "2026-01-01",
  time: "00:00:00Z",
  ipv4: "192.0.2.1",
  ipv6: "2001:db8::1",
  hostname: "example.com",
};

function sampleText(schema: JsonSchema): string {
  const format = typeof schema["format"] === "string" ? FORMATS[schema["format"]] : undefined;
  if (format !== undefined) return format;
  const { minLength, maxLength } = schema as { readonly minLength?: number; readonly maxLength?: number };
  return "text".padEnd(minLength ?? 0, "x").slice(0, maxLength ?? Number.POSITIVE_INFINITY);
}

function sampleNumber(schema: JsonSchema): number {
  const { minimum, exclusiveMinimum, maximum } = schema as Readonly<Record<string, number | undefined>>;
  const least = minimum ?? (exclusiveMinimum === undefined ? 1 : exclusiveMinimum + 1);
  // Some libraries write the bounds of safe integers into every schema, which are not sensible
  // values.
  const sensible = Math.max(least, Math.abs(least) > 1e9 ? 1 : least);
  return maximum === undefined ? sensible : Math.min(sensible, maximum);
}

function resolveReference(reference: string, root: JsonSchema): unknown {
  if (!reference.startsWith("#")) return {};
  const keys = reference
    .slice(1)
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return keys.reduce<unknown>((node, key) => (isJsonSchema(node) ? node[key] : undefined), root) ?? {};
}

function isJsonSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
