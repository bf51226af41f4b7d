import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { issuePath, jsonSchemaOf, type SchemaIssue, type SchemaResult } from "../../core/method/schema.ts";
import { LIMITS } from "../../core/limits.ts";
import type { JsonSchema } from "../../forms/form.ts";
import { SchemaCompiler } from "./compiler.ts";

const compiler = new SchemaCompiler();

function issuesOf(schema: JsonSchema, value: unknown): readonly SchemaIssue[] {
  const result = compiler.compile(schema)["~standard"].validate(value) as SchemaResult<unknown>;
  return result.issues ?? [];
}

/** The issues of a value, each with its place. */
const toldOf = (schema: JsonSchema, value: unknown): string[] =>
  issuesOf(schema, value).map((issue) => `${issuePath(issue)}: ${issue.message}`);

const placesOf = (result: SchemaResult<unknown>): string[] => (result.issues ?? []).map(issuePath).toSorted();

/** A schema that refers to itself in two cases of a keyword. */
function twice(keyword: string): JsonSchema {
  const part = { properties: { a: { $ref: "#/$defs/Node" } }, required: ["none"] };
  return { $ref: "#/$defs/Node", $defs: { Node: { [keyword]: [part, part] } } };
}

describe("a JSON Schema", () => {
  it("has issues at the same places as a schema of zod", () => {
    const shape = z.object({
      name: z.string().min(2),
      disks: z.array(z.object({ size: z.int().min(1), "a/b~c": z.boolean().optional() })),
    });
    const schema = compiler.compile(z.toJSONSchema(shape));
    const value = { name: "x", disks: [{ size: 1 }, { size: 0.5, "a/b~c": 1 }, {}] };
    assert.deepEqual(
      [...new Set(placesOf(schema["~standard"].validate(value) as SchemaResult<unknown>))],
      placesOf(shape["~standard"].validate(value) as SchemaResult<unknown>),
    );
  });

  it("returns the value unchanged", () => {
    const value = { a: 1 };
    const schema = compiler.compile({ properties: { b: { default: 5 } } });
    assert.deepEqual(schema["~standard"].validate(value), { value: { a: 1 } });
    assert.deepEqual(jsonSchemaOf(schema, "output"), { properties: { b: { default: 5 } } });
  });

  for (const [schema, value, told] of [
    [{ type: "string" }, 5, "expected a text, got 5"],
    [{ type: ["string", "null"] }, {}, "expected a text or null, got an object with nothing in it"],
    [{ enum: ["gold", "silver"] }, "glod", 'expected "gold", "silver", got "glod" (did you mean "gold"?)'],
    [
      { enum: ["1", { b: 1, a: [2] }] },
      { a: [1], b: 1 },
      'expected "1", an object with b, a, got an object with a, b',
    ],
    [{ const: 1 }, 2, "expected 1, got 2"],
    [{ minLength: 2 }, "a", "must have 2 characters at least"],
    [{ maxItems: 1 }, [1, 2], "must have 1 elements at most"],
    [{ minimum: 3 }, 2, "must be at least 3, got 2"],
    [{ exclusiveMaximum: 3 }, 3, "must be less than 3, got 3"],
    [{ multipleOf: 2 }, 3, "must be a multiple of 2"],
    [
      { uniqueItems: true },
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
      "must not have an element twice",
    ],
    [{ pattern: "^a" }, "b", 'must match the pattern "^a"'],
    [{ format: "date" }, "2026-02-30", 'expected the format "date", got "2026-02-30"'],
    [{ anyOf: [{ type: "string" }, { type: "null" }] }, 5, "expected a text or null, got 5"],
    [{ anyOf: [{ maxLength: 1 }, { minLength: 3 }] }, "ab", "fits none of the schemas that it may fit"],
    [{ oneOf: [{}, {}] }, 5, "fits several of the schemas of which it must fit one"],
    [{ not: {} }, 5, "fits a schema that it must not fit"],
    [
      { contains: { type: "null" } },
      [1],
      "does not have enough of the elements that it must have, or too many",
    ],
  ] as const)
    it(`reports what is wrong with ${JSON.stringify(value)} by ${JSON.stringify(schema)}`, () => {
      assert.deepEqual(toldOf({ properties: { v: schema } }, { v: value }), [`v: ${told}`]);
    });

  it("says which member is missing, unknown, or has an invalid name", () => {
    const schema = {
      properties: { size: {} },
      required: ["size"],
      propertyNames: { maxLength: 4 },
      additionalProperties: false,
      dependentRequired: { sise: ["a"] },
    };
    assert.deepEqual(toldOf(schema, { sise: 1, longer: 2 }), [
      "size: is required",
      "longer: its name must have 4 characters at most",
      'sise: there is no member with this name (did you mean "size"?)',
      "longer: there is no member with this name",
      'a: is required beside "sise"',
    ]);
  });

  it("reports the violations of the case that the type names", () => {
    const anyOf = [{ type: "object", properties: { a: { type: "string" } } }, { type: "null" }];
    assert.deepEqual(toldOf({ properties: { v: { anyOf } } }, { v: { a: 1 } }), [
      "v.a: expected a text, got 1",
    ]);
  });

  it("checks only the value's own members", () => {
    assert.deepEqual(toldOf({ required: ["toString"] }, {}), ["toString: is required"]);
  });

  it("counts all violations, and lists as many as errors have room for", () => {
    const issues = issuesOf(
      { properties: { v: { items: { type: "string" } } } },
      { v: Array(1_000).fill(1) },
    );
    assert.equal(issues.length, 1_000);
    assert.equal(issues.filter(({ path }) => path !== undefined).length, LIMITS.violationsMax);
  });

  it("finds a value of an enum by its members, in any order", () => {
    const schema = { properties: { v: { enum: ["1", { b: 1, a: [2] }, null] } } };
    for (const v of ["1", { a: [2], b: 1 }, null]) assert.deepEqual(toldOf(schema, { v }), []);
    for (const v of [1, "{}", '{"a":[2],"b":1}', { a: [2] }]) assert.equal(toldOf(schema, { v }).length, 1);
    assert.throws(() => compiler.compile({ enum: [] }), /"enum" needs one value at least/);
  });

  it("distinguishes a text from the list that it describes", () => {
    assert.deepEqual(toldOf({ properties: { v: { uniqueItems: true } } }, { v: [[1], "[1]", 1, "1"] }), []);
  });

  it("cannot be compiled if it refers to itself endlessly", () => {
    for (const schema of [{ $ref: "#" }, { not: { $ref: "#" } }])
      assert.throws(
        () => compiler.compile(schema),
        /no value can be checked with it: a schema refers to itself without an end/,
      );
    assert.deepEqual(toldOf({ properties: { a: { $ref: "#" } }, type: "object" }, { a: { a: 1 } }), [
      "a.a: expected an object, got 1",
    ]);
  });
});

describe("the cost of a check is bounded", () => {
  const nested = (levels: number, leaf: object): object =>
    levels === 0 ? leaf : { a: nested(levels - 1, leaf) };

  for (const keyword of ["allOf", "anyOf", "oneOf"])
    it(`of ${keyword} that doubles at each level`, () => {
      const part = { properties: { a: { $ref: "#/$defs/Node" }, z: { type: "null" } } };
      const schema = { $ref: "#/$defs/Node", $defs: { Node: { [keyword]: [part, part] } } };
      // A matching case ends anyOf, and a failing one ends allOf.
      const value = nested(29, { z: keyword === "allOf" ? null : 1 });
      const [issue, ...others] = issuesOf(schema, value);
      assert.match(issue?.message ?? "", /more values than can be checked/);
      assert.deepEqual(others, []);
    });

  for (const keyword of ["allOf", "anyOf", "oneOf"])
    it(`of ${keyword} that doubles at each level, and fails at the first`, () => {
      const issues = issuesOf(twice(keyword), nested(30, {}));
      assert.equal(issues.at(-1)?.message, "has more mistakes than these");
      assert.equal(issues.length, 2);
    });

  const none = Array.from({ length: 200 }, (_, at) => `k${at}`);
  const wrong = Array.from({ length: LIMITS.jsonValuesMax - 2 }, () => ({}));
  for (const [what, items, first] of [
    ["members that are missing", { required: none }, "v[0].k0: is required"],
    ["members beside others", { dependentRequired: { a: none } }, 'v[0].k0: is required beside "a"'],
    ["types", { type: "string" }, "v[0]: expected a text, got an object with nothing in it"],
    ["references", { $ref: "#/$defs/A" }, "v[0]: expected a text, got an object with nothing in it"],
  ] as const)
    it(`of errors: ${what}`, () => {
      const $defs = { A: { type: "string", properties: { next: { $ref: "#/$defs/A" } } } };
      const schema = { properties: { v: { items } }, $defs };
      const value = what === "members beside others" ? wrong.map(() => ({ a: 1 })) : wrong;
      const before = process.cpuUsage();
      assert.deepEqual(toldOf(schema, { v: value }), [first, ": has more mistakes than these"]);
      const { user, system } = process.cpuUsage(before);
      // 3 to 9 ms; two seconds if every error is created.
      assert.ok(user + system < 500_000, `took ${user + system} µs of processor time`);
    });

  it("of elements of which one must match", () => {
    const ofType = { type: "string" };
    const value = { v: [...Array<number>(LIMITS.jsonValuesMax - 3).fill(1), "a"] };
    assert.deepEqual(toldOf({ properties: { v: { contains: ofType } } }, value), []);
    const $defs = { A: { ...ofType, properties: { next: { $ref: "#/$defs/A" } } } };
    const schema = { properties: { v: { contains: { $ref: "#/$defs/A" } } }, $defs };
    assert.match(toldOf(schema, value)[0] ?? "", /more values than can be checked/);
  });

  it("of lists in lists whose elements are compared", () => {
    let value: unknown[] = Array.from({ length: 15_000 }, (_, at) => at);
    for (let level = 0; level < 28; level++) value = [value];
    const $defs = { L: { uniqueItems: true, items: { $ref: "#/$defs/L" } } };
    const schema = { properties: { v: { $ref: "#/$defs/L" } }, $defs };
    assert.match(toldOf(schema, { v: value })[0] ?? "", /more values than can be checked/);
  });

  it("of values that are compared with many others", () => {
    const allowed = Array.from({ length: 2_000 }, (_, at) => ({ at }));
    const schema = { properties: { v: { items: { enum: allowed } } } };
    const value = { v: Array.from({ length: 9_990 }, () => ({ at: 1_999 })) };
    const before = process.cpuUsage();
    assert.deepEqual(toldOf(schema, value), []);
    const { user, system } = process.cpuUsage(before);
    // About 10 ms; a second and a half if each element is compared with all others.
    assert.ok(user + system < 500_000, `took ${user + system} µs of processor time`);
  });

  it("of references that stand for many others", () => {
    const defs = Array.from({ length: 40 }, (_, at) => [
      `A${at}`,
      { allOf: [{ $ref: `#/$defs/A${at + 1}` }, { $ref: `#/$defs/A${at + 1}` }] },
    ]);
    const schema = { $ref: "#/$defs/A0", $defs: { ...Object.fromEntries(defs), A40: {} } };
    assert.throws(() => compiler.compile(schema), /no value can be checked with it/);
  });

  it("of patterns that take JavaScript's own engine for ever", () => {
    const schema = { properties: { a: { type: "string", pattern: "^(a+)+$" } } };
    assert.deepEqual(toldOf(schema, { a: `${"a".repeat(60_000)}!` }), [
      'a: must match the pattern "^(a+)+$"',
    ]);
    assert.match(toldOf(schema, { a: "a".repeat(70_000) })[0] ?? "", /must have 65536 characters at most/);
    assert.deepEqual(toldOf(schema, { a: "a".repeat(60_000) }), []);
  });

  it("of patterns of names", () => {
    const schema = { patternProperties: { "^(x+)+$": {} } };
    const value = Object.fromEntries(Array.from({ length: 9_000 }, (_, at) => [`name${at}`, 1]));
    assert.match(toldOf(schema, value)[0] ?? "", /must have 65536 characters at most/);
  });

  it("of formats", () => {
    const schema = { properties: { a: { format: "email" } } };
    assert.equal(toldOf(schema, { a: `${"a".repeat(LIMITS.schemaFormatLengthMax)}@example.com` }).length, 1);
  });

  it("of elements that are compared with each other", () => {
    const list = Array.from({ length: 9_990 }, (_, at) => ({ at }));
    const before = process.cpuUsage();
    assert.deepEqual(toldOf({ properties: { v: { uniqueItems: true } } }, { v: list }), []);
    const { user, system } = process.cpuUsage(before);
    // About 11 ms; ten seconds if each element is compared with all others.
    assert.ok(user + system < 2_000_000, `took ${user + system} µs of processor time`);
  });

  it("and the check allows a long list whose elements each match a later case", () => {
    const nullable = { anyOf: [{ type: "integer" }, { type: "null" }] };
    const list = Array.from({ length: LIMITS.jsonValuesMax }, (_, at) => at);
    assert.deepEqual(toldOf({ properties: { v: { items: nullable } } }, { v: list }), []);
  });
});

it("a schema is checked against the schema of its dialect", () => {
  const told = compiler
    .issuesOfSchema({ type: "objekt", properties: { a: { minLength: -1 } }, required: "a" })
    .map((issue) => `${issuePath(issue)}: ${issue.message}`);
  assert.deepEqual(told.toSorted(), [
    "properties.a.minLength: must be at least 0, got -1",
    'required: expected a list, got "a"',
    'type: expected "array", "boolean", "integer", "null", "number", "object", "string", got "objekt" (did you mean "object"?)',
  ]);
});
