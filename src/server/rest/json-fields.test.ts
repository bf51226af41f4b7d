import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { JsonFields } from "./json-fields.ts";

const KNOWN = ["aText", "flag", "number", "time", "object", "list"];

function refused(read: () => unknown, message: RegExp, field?: string): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof StatusError && error.code === "INVALID_ARGUMENT");
    assert.match(error.message, message);
    const [violation] = (error.details[0]?.["fieldViolations"] ?? []) as { readonly field?: string }[];
    assert.equal(violation?.field, field);
    return true;
  });
}

suite("JsonFields", () => {
  test("reads each kind of field, in both spellings; null is left out", () => {
    const fields = new JsonFields(
      { a_text: "x", flag: true, number: "-12", time: "1.5s", object: { a: 1 }, list: [1] },
      KNOWN,
    );
    assert.equal(fields.text("aText"), "x");
    assert.equal(fields.boolean("flag"), true);
    assert.equal(fields.int32("number"), -12);
    assert.equal(fields.durationMs("time"), 1_500);
    assert.deepEqual(fields.object("object"), { a: 1 });
    assert.deepEqual(fields.list("list"), [1]);
    const none = new JsonFields({ aText: null, number: null }, KNOWN);
    assert.deepEqual(
      [none.text("aText"), none.boolean("flag"), none.int32("number"), none.durationMs("time")],
      [undefined, undefined, undefined, undefined],
    );
    assert.deepEqual([none.object("object"), none.list("list")], [undefined, undefined]);
  });

  test("reports each invalid field, with its place", () => {
    const wrong = { aText: 1, flag: 1, number: 2 ** 31, time: "1h", object: [], list: {} };
    const fields = new JsonFields(wrong, KNOWN, { place: "all[2]" });
    refused(() => fields.text("aText"), /at 'all\[2\]\.aText': expected a text, got 1\.$/, "all[2].aText");
    refused(() => fields.boolean("flag"), /expected true or false/, "all[2].flag");
    refused(() => fields.int32("number"), /whole number of 32 bits, got 2147483648/, "all[2].number");
    refused(() => fields.durationMs("time"), /a duration such as "30s", got "1h"/, "all[2].time");
    refused(() => fields.object("object"), /expected an object, got a list\.$/, "all[2].object");
    refused(() => fields.list("list"), /expected a list, got an object\.$/, "all[2].list");
    for (const number of [1.5, "1.5", "", true, Number.MAX_SAFE_INTEGER, "99999999999"])
      refused(() => new JsonFields({ number }, KNOWN).int32("number"), /whole number/, "number");
  });

  test("refuses values that are not objects, and each unknown field", () => {
    refused(() => new JsonFields(7, KNOWN), /^Invalid value: expected an object, got 7\.$/);
    refused(() => new JsonFields(undefined, KNOWN, { place: "a" }), /at 'a': .* got nothing/, "a");
    refused(() => new JsonFields({ b: 1, c: null }, KNOWN, { place: "a" }), /"b".*\n.*"c"/, "a.b");
    assert.throws(() => new JsonFields({ b: 1 }, KNOWN, { reason: "CLAIM_INVALID" }), {
      reason: "CLAIM_INVALID",
    });
  });
});
