import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { currentAttempt, runWithinAttempt } from "./current-attempt.ts";

test("promises that a handler begins belong to its attempt, even if they continue later", async () => {
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
