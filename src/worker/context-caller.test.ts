import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS, type CallerIdentity } from "../core/caller.ts";
import { defineMethod } from "../core/method/method.ts";
import { startMany } from "../engine/starting/start-many.ts";
import { openTestWorker } from "./test-worker.suite.ts";

const identity = { principal: "user:ada@example.com", tenant: "projects/p" };
const ada = { ...ANONYMOUS, ...identity, groups: ["group:a"], quotaProject: "q" };

/** A method whose first attempts fail, and the callers that its attempts saw. */
function telling(failures = 0) {
  const told: (CallerIdentity | null)[] = [];
  const method = defineMethod({
    name: "pack",
    request: z.object({}),
    retry: { attempts: failures + 1, initialDelay: "1s" },
    run: (_request, { caller }) => {
      told.push(caller);
      if (told.length <= failures) throw new Error("again");
    },
  });
  return { method, told };
}

const start = { method: "pack", request: {} };

suite("context.caller", () => {
  test("is the caller that started the operation, whether operations are passed directly, alone or with others", async () => {
    const { method, told } = telling();
    await using opened = await openTestWorker([method]);
    opened.worker.start();
    await opened.engine.operations.start(ada, start);
    await opened.events.until("attempt.ended");
    await startMany(opened.engine.operations, ada, [start, start]);
    await opened.events.until("attempt.ended", 3);
    assert.deepEqual(told, [identity, identity, identity]);
  });

  test("is the same for every attempt that is read from the store", async () => {
    const { method, told } = telling(1);
    await using opened = await openTestWorker([method]);
    await opened.engine.operations.start(ada, start);
    opened.worker.start();
    await opened.events.until("attempt.ended");
    await opened.clock.advance(60_000);
    await opened.events.until("attempt.ended", 2);
    assert.deepEqual(told, [identity, identity]);
  });

  test("is the first caller if another repeats the request id", async () => {
    const { method, told } = telling();
    await using opened = await openTestWorker([method]);
    const first = await opened.engine.operations.start(ada, { ...start, requestId: "r" });
    const again = await opened.engine.operations.start(ANONYMOUS, { ...start, requestId: "r" });
    assert.equal(again.id, first.id);
    opened.worker.start();
    await opened.events.until("attempt.ended");
    assert.deepEqual(told, [identity]);
  });
});
