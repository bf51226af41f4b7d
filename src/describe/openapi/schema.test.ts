import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { jsonSchema, parameterObject, transplanted } from "./schema.ts";

suite("jsonSchema()", () => {
  test("makes values of defaults and bounds, which discovery documents write as texts", () => {
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

test("parameterObject() parts what is of the parameter from what is of its value", () => {
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
  test("makes references start at the new place", () => {
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

  test("accepts anything where a reference leads nowhere or elsewhere", () => {
    const schema = { properties: { a: { $ref: "#/$defs/B" }, b: { $ref: "https://example.com/b" } } };
    assert.deepEqual(transplanted(schema, "#/x"), { properties: { a: {}, b: {} } });
  });

  test("tells schemas from data and from properties with the names of keywords", () => {
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
