import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { currentAttempt, runWithinAttempt } from "./current-attempt.ts";

test("what a handler begins belongs to its attempt, also when it comes back later", async () => {
  const attempt = { operation: "operations/x", method: "m", attempt: 1, traceContext: null, fail: () => {} };
  const begun = await runWithinAttempt(attempt, async () => {
    await Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<unknown>();
    systemClock.soon(() => resolve(currentAttempt()));
    return { later: promise };
  });
  assert.equal(currentAttempt(), undefined);
  assert.equal(await begun.later, attempt);
});
