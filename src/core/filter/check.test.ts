import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import { compileFilter } from "./check.ts";

describe("compileFilter()", () => {
  it("returns nothing for an empty filter", () => assert.equal(compileFilter(" "), undefined));

  it("converts the literal to the field's type", () => {
    const filter = compileFilter("error.code = NOT_FOUND AND metadata.attempt > '2'");
    assert.ok(filter?.kind === "and");
    const numbers = filter.operands.map((each) =>
      each.kind === "comparison" ? each.value.number : undefined,
    );
    assert.deepEqual(numbers, [5, 2]);
  });

  const REFUSED: readonly (readonly [filter: string, message: RegExp])[] = [
    ["foo = 1", /character 1: expected one of the fields name, done, error, metadata, response, found "foo"/],
    ["a AND Done = true", /character 7: expected one of the fields/],
    [
      "done",
      /character 5: expected a comparator after the field "done" \(in quotes it is text\), found the end/,
    ],
    ["NOT metadata.requestedCancellation", /expected a comparator after the field/],
    ["done = TRUE", /character 8: expected true or false, found "TRUE"/],
    ["done > false", /expected = or != or : after done, found >/],
    ["metadata.state = succeeded", /expected one of PENDING, .*, found "succeeded"/],
    ["metadata.state < SUCCEEDED", /expected = or != or :/],
    ["metadata.createTime > yesterday", /expected a timestamp such as 2026-01-31T12:00:00Z/],
    ["metadata.create_time > 2026-01-31", /expected a timestamp/],
    ["metadata.attempt = many", /expected a number/],
    ["metadata.state.name = x", /expected a comparator, since metadata.state has no fields/],
    [
      "metadata.pollInterval = 1s",
      /expected a field of the operation, since pollInterval tells about the answer/,
    ],
    ["error.code = WRONG", /expected a code such as NOT_FOUND or 5/],
    ["error.code > NOT_FOUND", /expected a code such as NOT_FOUND or 5/],
    ["error.status = x", /expected one of the fields code, message, details of error/],
    ["error.details.reason = x", /expected : after error.details.reason/],
    ["error:code", /expected \* after error:/],
    [
      `response.${"a.".repeat(100)}b = 1`,
      /expected a path of 32 fields at most, as deep as values go, found 102/,
    ],
    ["error = *", /expected : after error, found =/],
    ["response = x", /expected : after response/],
  ];
  for (const [filter, message] of REFUSED) {
    it(`refuses ${JSON.stringify(filter)}`, () => {
      assert.throws(() => compileFilter(filter), {
        code: "INVALID_ARGUMENT",
        reason: "FILTER_INVALID",
        message,
      });
    });
  }
});

test("compileFilter() treats an empty JSON object as everything, and refuses one with conditions", () => {
  for (const text of ["{}", " { } ", "{\n}"]) assert.equal(compileFilter(text), undefined, text);
  for (const text of ['{"clusterName":"c"}', ' {"a": {}} '])
    assert.throws(
      () => compileFilter(text),
      /expected a filter such as done = true, or \{\} for everything/,
      text,
    );
  assert.deepEqual(compileFilter("{a}"), { kind: "search", text: "{a}" });
});
