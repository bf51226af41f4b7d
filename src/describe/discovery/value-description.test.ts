import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { valueDescription } from "./value-description.ts";

const NONE = { idOf: () => undefined };

suite("valueDescription()", () => {
  const cases: [sentence: string, schema: unknown, expected: unknown][] = [
    ["text", { type: "string" }, { type: "string" }],
    ["text with a pattern", { type: "string", pattern: "^a$" }, { type: "string", pattern: "^a$" }],
    [
      "a timestamp",
      { type: "string", format: "date-time", pattern: "…" },
      { type: "string", format: "google-datetime" },
    ],
    [
      "a format that the dialect has not",
      { type: "string", format: "uuid", pattern: "…" },
      { type: "string" },
    ],
    [
      "a truth value with a default",
      { type: "boolean", default: false },
      { type: "boolean", default: "false" },
    ],
    [
      "a number",
      { type: "number", minimum: 0, maximum: 1.5 },
      { type: "number", format: "double", minimum: "0", maximum: "1.5" },
    ],
    [
      "a narrow integer",
      { type: "integer", minimum: 0, maximum: 9 },
      { type: "integer", format: "int32", minimum: "0", maximum: "9" },
    ],
    [
      "a safe integer",
      { type: "integer", minimum: -9007199254740991, maximum: 9007199254740991 },
      { type: "integer" },
    ],
    [
      "an enum",
      { enum: ["a", "b"], description: "Which." },
      { type: "string", enum: ["a", "b"], description: "Which." },
    ],
    ["one word", { const: "a", type: "string" }, { type: "string", enum: ["a"] }],
    [
      "one word of several",
      { anyOf: [{ const: "a" }, { const: "b" }] },
      { type: "string", enum: ["a", "b"] },
    ],
    ["text or null", { anyOf: [{ type: "string" }, { type: "null" }] }, { type: "string" }],
    ["text or null, in short", { type: ["string", "null"] }, { type: "string" }],
    ["text or number", { anyOf: [{ type: "string" }, { type: "number" }] }, { type: "any" }],
    ["numbers to choose from", { enum: [1, 2] }, { type: "any" }],
    ["a list", { type: "array", items: { type: "string" } }, { type: "array", items: { type: "string" } }],
    [
      "a tuple",
      { type: "array", prefixItems: [{ type: "string" }] },
      { type: "array", items: { type: "any" } },
    ],
    ["anything", true, { type: "any" }],
    [
      "a map",
      { type: "object", additionalProperties: { type: "boolean" } },
      { type: "object", additionalProperties: { type: "boolean" } },
    ],
    ["a free object", { type: "object" }, { type: "object", additionalProperties: { type: "any" } }],
    [
      "a closed object without fields",
      { type: "object", properties: {}, additionalProperties: false },
      { type: "object", properties: {} },
    ],
    ["a reference to nothing", { $ref: "#/$defs/gone" }, { type: "any" }],
  ];
  for (const [sentence, schema, expected] of cases) {
    test(`describes ${sentence}`, () => assert.deepEqual(valueDescription(schema, NONE), expected));
  }

  test("describes an object with its required fields and their texts", () => {
    const schema = {
      type: "object",
      properties: {
        path: { type: "string", description: "Where." },
        size: { type: "number", title: "Size", deprecated: true },
      },
      required: ["path"],
      additionalProperties: false,
    };
    assert.deepEqual(valueDescription(schema, NONE), {
      type: "object",
      properties: {
        path: { type: "string", description: "Where.", required: true },
        size: { type: "number", format: "double", description: "Size", deprecated: true },
      },
    });
  });

  test("refers by id, and adds nothing but a description", () => {
    const references = { idOf: (reference: string) => reference.replace("#/$defs/", "My") };
    const described = valueDescription(
      { $ref: "#/$defs/Entry", description: "One.", default: "x" },
      references,
    );
    assert.deepEqual(described, { $ref: "MyEntry", description: "One." });
  });

  test("terminates on endless schemas", () => {
    const endless: Record<string, unknown> = { type: "array" };
    endless["items"] = endless;
    assert.equal(valueDescription(endless, NONE).type, "array");
  });
});

function isOpen(schema: object): boolean {
  return valueDescription({ type: "object", ...schema }, NONE).additionalProperties !== undefined;
}

suite("at the edges valueDescription()", () => {
  test("calls an integer a 32-bit one only if both bounds are within that range", () => {
    const cases = [
      [-(2 ** 31), 2 ** 31 - 1, "int32"],
      [-(2 ** 31) - 1, 0, undefined],
      [0, 2 ** 31, undefined],
    ] as const;
    for (const [minimum, maximum, format] of cases) {
      const described = valueDescription({ type: "integer", minimum, maximum }, NONE);
      assert.equal(described.format, format, `${minimum} to ${maximum}`);
    }
  });

  test("lets an object have other members if its schema does", () => {
    const properties = { a: { type: "string" } };
    assert.deepEqual(
      [{}, { properties }, { additionalProperties: true }, { properties, additionalProperties: true }].map(
        isOpen,
      ),
      [true, false, true, true],
    );
    assert.equal(isOpen({ properties, additionalProperties: false }), false);
  });
});
