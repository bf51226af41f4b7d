import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRate } from "./quota.ts";

test("parseRate() reads calls in a second, a minute or an hour, and nothing else", () => {
  assert.deepEqual(parseRate("600/m"), { calls: 600, windowSeconds: 60, windowName: "Minute" });
  assert.deepEqual(parseRate("1/s"), { calls: 1, windowSeconds: 1, windowName: "Second" });
  assert.deepEqual(parseRate("999999999/h"), {
    calls: 999_999_999,
    windowSeconds: 3_600,
    windowName: "Hour",
  });
  for (const text of ["", "0/s", "600", "600/d", "-1/s", "1.5/s", "1000000000/s", "1 / s"])
    assert.equal(parseRate(text), undefined, text);
});
