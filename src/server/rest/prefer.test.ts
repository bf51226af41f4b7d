import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { preferenceOf } from "./prefer.ts";

suite("preferenceOf()", () => {
  const read: [header: string, respondAsync: boolean, waitMs: number | undefined][] = [
    ["respond-async", true, undefined],
    ["Respond-Async", true, undefined],
    ["wait=10", false, 10_000],
    ['respond-async, wait="10"', true, 10_000],
    ['wait = "\\1\\0" ;x, , respond-async=""', true, 10_000],
    ["foo;bar=1, return=minimal,respond-async;a;b=c ,wait=3;d", true, 3_000],
    ['foo="a, wait=5, \\", ", wait=7', false, 7_000],
    ["wait=7, wait=9", false, 7_000],
    ["wait=0", false, 0],
    ["wait=61", false, LIMITS.waitMsMax],
    [`wait=${"9".repeat(400)}`, false, LIMITS.waitMsMax],
    // Invalid values are ignored, and the rest counts.
    ["wait=soon, respond-async", true, undefined],
    ["wait=-1,respond-async", true, undefined],
    ["wait 5, respond-async", true, undefined],
    ["=5, wait=4", false, 4_000],
    ['respond-async, wait="5', true, undefined],
  ];
  for (const [header, respondAsync, waitMs] of read) {
    test(`reads ${header.slice(0, 60)}`, () =>
      assert.deepEqual(preferenceOf(header), { respondAsync, waitMs }));
  }

  for (const header of [
    undefined,
    "",
    ",;,",
    "return=minimal",
    "respond-async=later",
    "respond-asynchronously",
    "wait",
    "wait=1.5",
    "wait=soon, wait=5",
    '"respond-async, wait=5',
  ]) {
    test(`finds nothing in ${header}`, () => assert.equal(preferenceOf(header), undefined));
  }

  test("reads several lines as one list", () => {
    assert.deepEqual(preferenceOf(["respond-async", "wait=1"]), { respondAsync: true, waitMs: 1_000 });
  });
});
