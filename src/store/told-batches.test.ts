import assert from "node:assert/strict";
import { test } from "node:test";
import type { EventFields } from "../core/events.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { toldBatches } from "./told-batches.ts";

const answers = [{ answer: 1 }, { answer: 2 }];

test("a batch is reported once it has ended, with its size, duration and error", async () => {
  const clock = new ManualClock();
  const told: EventFields<"store.batch-ended">[] = [];
  const tell = { "store.batch-ended": (batch: EventFields<"store.batch-ended">) => void told.push(batch) };
  const error = new Error("no");
  const carryOut = toldBatches("insert", { tell, clock }, async (items: readonly string[]) => {
    await clock.advance(3);
    if (items.length === 1) throw error;
    return answers;
  });
  assert.equal(await carryOut(["a", "b"]), answers);
  await assert.rejects(carryOut(["a"]), error);
  assert.deepEqual(told, [
    { lane: "insert", count: 2, durationMs: 3, error: undefined },
    { lane: "insert", count: 1, durationMs: 3, error },
  ]);
});

test("without listeners, the batch is passed on and nothing is measured", () => {
  const carried = Promise.resolve(answers);
  const carryOut = toldBatches("insert", { tell: {}, clock: undefined as never }, () => carried);
  assert.equal(carryOut(["a", "b"]), carried);
});
