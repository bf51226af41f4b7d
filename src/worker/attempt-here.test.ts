import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { attemptHere, runWithin } from "./attempt-here.ts";

test("what a handler begins belongs to its attempt, also when it comes back later", async () => {
  const attempt = { operation: "operations/x", method: "m", attempt: 1, fail: () => {} };
  const begun = await runWithin(attempt, async () => {
    await Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    systemClock.soon(() => resolve(attemptHere()));
    return { later: promise };
  });
  assert.equal(attemptHere(), undefined);
  assert.equal(await begun.later, attempt);
});
