import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { type MaskedMessage, readMask, type Shape } from "./field-mask.ts";
import { maskJson as maskParsed } from "./mask-selection.ts";

const maskJson = (json: string, fields: string, message: MaskedMessage): string =>
  maskParsed(json, readMask(fields, message));

const OPERATION = {
  name: "operations/a",
  metadata: { "@type": "t", value: { state: "FAILED", attempt: 1, parts: [{ a: 1, b: 2 }, { b: 3 }] } },
  done: true,
  error: { code: 13, message: "No." },
};
const LIST = { operations: [OPERATION, { name: "operations/b" }], nextPageToken: "t" };

suite("maskJson() keeps (contract 3.3)", () => {
  const cases: [fields: string, expected: unknown][] = [
    ["name", { name: "operations/a" }],
    ["name,done", { name: "operations/a", done: true }],
    [" name , done ", { name: "operations/a", done: true }],
    ["error/code", { error: { code: 13 } }],
    ["error.code,error(message)", { error: { code: 13, message: "No." } }],
    ["error,error/code", { error: OPERATION.error }],
    ["metadata(value(state,attempt))", { metadata: { value: { state: "FAILED", attempt: 1 } } }],
    ["metadata/value/parts/a", { metadata: { value: { parts: [{ a: 1 }, {}] } } }],
    ["metadata/*/state", { metadata: { value: { state: "FAILED" } } }],
    ["*", OPERATION],
    ["*/code", { metadata: {}, error: { code: 13 } }],
    ["response", {}],
    ["metadata/nothing", { metadata: {} }],
  ];
  for (const [fields, expected] of cases) {
    test(`of an operation, for ${fields}`, () => {
      assert.deepEqual(JSON.parse(maskJson(JSON.stringify(OPERATION), fields, "Operation")), expected);
    });
  }

  test("of a list the requested fields, and no token unless it is requested", () => {
    const masked = maskJson(JSON.stringify(LIST), "operations(name,done)", "ListOperationsResponse");
    assert.deepEqual(JSON.parse(masked), {
      operations: [{ name: "operations/a", done: true }, { name: "operations/b" }],
    });
  });
});

function words(path: string): string {
  return `Error expanding 'fields' parameter. Cannot find matching fields for path '${path}'.`;
}

suite("maskJson() refuses", () => {
  test("unknown fields, in Google's words (contract 3.3)", () => {
    assert.throws(
      () => maskJson("{}", "operations/x,y", "ListOperationsResponse"),
      (error) => {
        assert.ok(error instanceof StatusError);
        assert.equal(error.message, "Request contains an invalid argument.");
        assert.deepEqual(error.details[0]?.["fieldViolations"], [
          { field: "operations.x", description: words("operations.x") },
          { field: "y", description: words("y") },
        ]);
        return true;
      },
    );
  });

  test("more unknown fields, but names only as many as an error has room for", () => {
    const fields = Array.from({ length: 200 }, (_, index) => `*/x${index}`).join(",");
    assert.throws(
      () => readMask(fields, { shape: { a: {}, b: {} } }),
      (error) => {
        assert.ok(error instanceof StatusError);
        const told = error.details[0]?.["fieldViolations"] as unknown[];
        assert.equal(told.length, LIMITS.violationsMax);
        return true;
      },
    );
  });
});

test("readMask() visits each place of a recursive message once", () => {
  const shape: Record<string, Shape> = {};
  for (let index = 0; index < 20; index++) shape[`child${index}`] = shape;
  const path = Array.from({ length: LIMITS.jsonDepthMax }, () => "*").join("/");
  assert.throws(() => readMask(`${path}/unknown`, { shape }), StatusError);
  assert.equal(readMask(path, { shape }).size, 1);
});

test("maskJson() answers every mask with a part of the whole or a StatusError", () => {
  const piece = fc.constantFrom(
    "name",
    "metadata",
    "value",
    "*",
    "/",
    ".",
    ",",
    "(",
    ")",
    "operations",
    "__proto__",
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      try {
        const masked = JSON.parse(
          maskJson(JSON.stringify(LIST), pieces.join(""), "ListOperationsResponse"),
        ) as object;
        for (const key of Object.keys(masked)) assert.ok(Object.hasOwn(LIST, key));
      } catch (error) {
        assert.ok(error instanceof StatusError, String(error));
      }
    }),
  );
});
