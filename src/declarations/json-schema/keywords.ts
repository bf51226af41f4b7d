/** The kind of a keyword's value: a schema, a list of schemas, schemas by name, or data. */
export type KeywordKind = "schema" | "list" | "map" | "data";

const BY_KIND: Readonly<Record<KeywordKind, string>> = {
  schema:
    "additionalProperties contains contentSchema else if items not propertyNames then unevaluatedItems unevaluatedProperties",
  list: "allOf anyOf oneOf prefixItems",
  map: "$defs dependentSchemas patternProperties properties",
  data:
    "$comment $id $ref $schema const contentEncoding contentMediaType default dependentRequired deprecated description " +
    "enum examples exclusiveMaximum exclusiveMinimum format maxContains maxItems maxLength maxProperties maximum " +
    "minContains minItems minLength minProperties minimum multipleOf pattern readOnly required title type uniqueItems writeOnly",
};

/** The supported keywords. @see https://json-schema.org/draft/2020-12/schema */
export const KEYWORDS: ReadonlyMap<string, KeywordKind> = new Map(
  Object.entries(BY_KIND).flatMap(([kind, names]) =>
    names.split(" ").map((name) => [name, kind as KeywordKind] as const),
  ),
);

/** The dialect of the schemas. */
export const DIALECT = "https://json-schema.org/draft/2020-12/schema";

/**
 * The replacements for keywords of other dialects, and for keywords that give the location of
 * schemas.
 */
export const OTHER_KEYWORDS: ReadonlyMap<string, string> = new Map([
  ["nullable", 'write type: [string, "null"]'],
  ["example", 'write "examples", a list'],
  ["definitions", 'write "$defs"'],
  ["dependencies", 'write "dependentRequired" or "dependentSchemas"'],
  ["additionalItems", 'write "items" beside "prefixItems"'],
  ["discriminator", 'write "oneOf" with a "const" in each'],
  ["$anchor", 'refer to a place by its path, such as "#/$defs/Disk"'],
  ["$dynamicAnchor", 'refer to a place by its path, such as "#/$defs/Disk"'],
  ["$dynamicRef", 'write "$ref"'],
  ["$recursiveRef", 'write "$ref"'],
  ["$vocabulary", "leave it out"],
]);
