import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anyCharacter } from "../../test/support/any-character.ts";
import { encodeJson } from "../core/operation/payload.ts";
import { documentText, type DocumentText } from "./document-text.ts";
import { escapeJson } from "../core/value/escape-json.ts";
import { indentJson } from "../wire/indent.ts";

/** The text, and the number of its steps. */
function written(document: object, valuesPerStep?: number): DocumentText & { readonly steps: number } {
  const text = documentText(document, valuesPerStep);
  let steps = 1;
  let step = text.next();
  for (; step.done !== true; step = text.next()) steps++;
  return { ...step.value, steps };
}

test("a document is written like JSON.stringify writes it, compact and indented", () => {
  const documents = fc.dictionary(
    fc.string({ unit: anyCharacter }),
    fc.jsonValue({ stringUnit: "binary", maxDepth: 6 }),
  );
  fc.assert(
    fc.property(documents, fc.nat(9), (document, valuesPerStep) => {
      const { compact, indented } = written(document, valuesPerStep);
      assert.equal(compact, escapeJson(encodeJson(document)));
      assert.equal(indented, escapeJson(indentJson(encodeJson(document))));
    }),
    { numRuns: 300 },
  );
});

test("values that JSON leaves out are left out", () => {
  const document = { a: undefined, b: { c: undefined }, d: { e: { f: undefined } } };
  assert.equal(written(document).compact, JSON.stringify(document));
});

test("each step is small, even if a part of the document is large", () => {
  const methods = Object.fromEntries(
    Array.from({ length: 500 }, (_, index) => [`m${index}`, { parameters: ["a", "b", "c"] }]),
  );
  const { steps } = written({
    a: methods,
    resources: { projects: { resources: { locations: { methods } } } },
  });
  assert.ok(steps > 1_000, `${steps} steps`);
  assert.ok(written({ a: { b: { c: [1, 2, 3] } } }).steps < 5);
});
