import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { leadingMembers } from "./json-members.ts";

test("the members of a whole text are those of the parsed one, whatever precedes them", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.boolean(), (value, spaced) => {
      const json = spaced ? JSON.stringify(value, null, 2) : JSON.stringify(value);
      const plain = JSON.parse(json) as Record<string, unknown>;
      const names = Object.keys(plain);
      assert.deepEqual(new Map(leadingMembers(json, names)), new Map(Object.entries(plain)));
    }),
  );
});

test("the members of a cut text are whole or missing, and a text is a prefix of the original", () => {
  const anyObject = fc.record({
    before: fc.jsonValue(),
    progressPercent: fc.nat(),
    statusMessage: fc.string({ unit: "grapheme" }),
  });
  fc.assert(
    fc.property(anyObject, fc.nat(), (value, at) => {
      const json = JSON.stringify(value);
      const found = leadingMembers(json.slice(0, at % (json.length + 1)), [
        "progressPercent",
        "statusMessage",
      ]);
      const percent = found.get("progressPercent");
      assert.ok(percent === undefined || percent === value.progressPercent);
      const message = found.get("statusMessage") ?? "";
      assert.ok(typeof message === "string" && value.statusMessage.startsWith(message));
    }),
    { numRuns: 1_000 },
  );
});

const cut = (json: string): unknown => leadingMembers(json, ["a"]).get("a");

test("a text that is cut inside an escape loses only the escape", () => {
  assert.equal(cut('{"a":"x\\'), "x");
  assert.equal(cut('{"a":"x\\u00e'), "x");
  assert.equal(cut('{"a":"x\\\\'), "x\\");
  assert.equal(cut('{"a":"x\\\\u00'), "x\\u00");
  assert.equal(cut('{"a":"x"'), "x");
  assert.equal(cut('{"a":12'), undefined, "it may be 123");
  assert.equal(cut('{"b":{"a":1},"a":2}'), 2, "not one inside of another");
  assert.equal(cut("[1]"), undefined);
  assert.equal(cut(""), undefined);
});
