import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { jsonSchema, parameterObject, transplanted } from "./schema.ts";

suite("jsonSchema()", () => {
  test("converts defaults and bounds, which are texts in discovery documents, to values", () => {
    assert.deepEqual(jsonSchema({ type: "integer", default: "6", minimum: "0", maximum: "9" }), {
      type: "integer",
      default: 6,
      minimum: 0,
      maximum: 9,
    });
    assert.deepEqual(jsonSchema({ type: "boolean", default: "true" }), { type: "boolean", default: true });
    assert.deepEqual(jsonSchema({ type: "string", default: "6" }), { type: "string", default: "6" });
  });

  test("moves `required` from properties to their object", () => {
    assert.deepEqual(
      jsonSchema({ type: "object", properties: { a: { type: "string", required: true }, b: {} } }),
      {
        type: "object",
        properties: { a: { type: "string" }, b: {} },
        required: ["a"],
      },
    );
  });

  test("accepts anything for `any`, and renames references and formats", () => {
    assert.deepEqual(jsonSchema({ type: "object", additionalProperties: { type: "any" } }), {
      type: "object",
      additionalProperties: {},
    });
    assert.deepEqual(jsonSchema({ $ref: "Status", description: "Why." }), {
      $ref: "#/components/schemas/Status",
      description: "Why.",
    });
    assert.deepEqual(jsonSchema({ type: "array", items: { type: "string", format: "google-datetime" } }), {
      type: "array",
      items: { type: "string", format: "date-time" },
    });
  });
});

test("parameterObject() separates the parameter's own properties from those of its value", () => {
  const pattern = "^operations/.+$";
  const parameter = {
    type: "string",
    description: "A name.",
    location: "path",
    required: true,
    pattern,
  } as const;
  assert.deepEqual(parameterObject("name", parameter), {
    name: "name",
    in: "path",
    description: "A name.",
    required: true,
    schema: { type: "string", pattern },
  });
});

suite("transplanted()", () => {
  test("changes references to the new place", () => {
    const schema = {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      $id: "https://example.com/a",
      anyOf: [{ $ref: "#" }, { $ref: "#/$defs/A" }],
      $defs: { A: { items: { $ref: "#/$defs/A" } } },
    };
    assert.deepEqual(transplanted(schema, "#/x"), {
      anyOf: [{ $ref: "#/x" }, { $ref: "#/x/$defs/A" }],
      $defs: { A: { items: { $ref: "#/x/$defs/A" } } },
    });
  });

  test("accepts anything if a reference does not resolve or leads elsewhere", () => {
    const schema = { properties: { a: { $ref: "#/$defs/B" }, b: { $ref: "https://example.com/b" } } };
    assert.deepEqual(transplanted(schema, "#/x"), { properties: { a: {}, b: {} } });
  });

  test("distinguishes schemas from data, and from properties named like keywords", () => {
    const schema = {
      properties: { default: { $ref: "#" }, $ref: { type: "string" } },
      default: { $ref: "#" },
      enum: [{ $ref: "#" }],
    };
    assert.deepEqual(transplanted(schema, "#/x"), {
      ...schema,
      properties: { ...schema.properties, default: { $ref: "#/x" } },
    });
  });
});
