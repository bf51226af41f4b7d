import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { checkGivesObject, checkSchema, membersOf } from "./schema-check.ts";
import type { Schema } from "./schema.ts";

describe("checkSchema()", () => {
  it("accepts Standard Schemas, which are functions in some libraries", () => {
    for (const schema of [z.object({}), v.object({}), type({ a: "string" })])
      checkSchema("m: request", schema);
  });

  it("refuses everything else, even if it resembles one", () => {
    for (const schema of [undefined, null, {}, "z.object()", () => true, { "~standard": { version: 1 } }])
      assert.throws(
        () => checkSchema("m: request", schema),
        /^TypeError: m: request: expected a Standard Schema/,
      );
  });
});

describe("checkGivesObject()", () => {
  const others: readonly (readonly [Schema, RegExp])[] = [
    [z.array(z.date()), /array/],
    [z.tuple([z.date()]), /tuple/],
    [z.number(), /number/],
    [z.enum(["a"]), /string/],
    [z.set(z.string()), /set/],
    [z.union([z.string(), z.number()]), /string or number/],
    [v.bigint(), /bigint/],
    [v.map(v.string(), v.string()), /map/],
    [type("number|string"), /number or string/],
    [type("bigint"), /bigint/],
  ];
  for (const [schema, kind] of others) {
    it(`refuses ${kind.source} of ${schema["~standard"].vendor}`, () => {
      assert.throws(() => checkGivesObject("m: response", schema), kind);
    });
  }

  it("accepts schemas that may give an object, and schemas that do not say", () => {
    const ask = {
      "~standard": { version: 1, vendor: "own", validate: (value: unknown) => ({ value }) },
    } as const;
    for (const schema of [
      z.object({ a: z.date() }),
      z.lazy(() => z.object({})),
      z.string().transform((a) => ({ a })),
      z.null(),
      v.pipe(
        v.string(),
        v.transform((a) => ({ a })),
      ),
      type("string").pipe((a) => ({ a })),
      ask,
    ])
      checkGivesObject("m: response", schema);
  });
});

describe("membersOf()", () => {
  it("returns them, even if one of them has no JSON Schema", () => {
    const members = [z.object({ a: z.string(), b: z.date() }), v.object({ a: v.string(), b: v.date() })];
    for (const schema of members) assert.deepEqual(membersOf(schema), ["a", "b"]);
    assert.deepEqual(membersOf(type({ a: "string", "b?": "Date" })).toSorted(), ["a", "b"]);
    assert.deepEqual([membersOf(z.record(z.string(), z.string())), membersOf(z.any())], [[], []]);
  });
});
