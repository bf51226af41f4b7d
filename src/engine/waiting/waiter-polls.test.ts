import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import { silence } from "../../core/events.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { WaiterPolls } from "./waiter-polls.ts";
import { Waiters } from "./waiters.ts";

/** A waiter for each operation, in a store that other processes write. */
function polled(pollMs: number | null, operations: readonly Operation[]) {
  const clock = new ManualClock();
  const waiters = new Waiters({ tell: silence, clock });
  const records = new Map(operations.map((each) => [each.id, each]));
  const reads: number[] = [];
  const look = { tookMs: 0 };
  const store = {
    pollMs,
    over: async (ids: readonly string[]) => {
      reads.push(ids.length);
      await clock.advance(look.tookMs);
      if (records.size === 0) throw new Error("away");
      return ids.filter((id) => records.get(id)?.state !== "PENDING");
    },
  };
  const released: string[] = [];
  for (const { id } of operations) {
    void waiters.enter(id, 3_600_000).released.then(() => released.push(id));
  }
  const polls = new WaiterPolls({ store, waiters, clock });
  polls.start();
  return { clock, waiters, records, reads, look, released, polls };
}

test("a waiter is released at the next poll after another process has ended or removed its operation", async () => {
  const operations = [anOperation(), anOperation(), anOperation()];
  const [first, second] = operations.map(({ id }) => id);
  const { clock, records, released, polls } = polled(1_000, operations);
  records.set(first ?? "", { ...anOperation(), id: first ?? "", state: "SUCCEEDED" });
  records.delete(second ?? "");
  await clock.advance(999);
  assert.deepEqual(released, []);
  await clock.advance(1);
  assert.deepEqual(released, [first, second]);
  await polls.stop();
});

test("one read serves a thousand waiters, and without waiters there is none", async () => {
  const { clock, reads, waiters, polls } = polled(
    200,
    Array.from({ length: 1_500 }, () => anOperation()),
  );
  await clock.advance(200);
  assert.deepEqual(reads, [1_000, 500]);
  waiters.stop();
  await clock.advance(2_000);
  assert.deepEqual(reads, [1_000, 500]);
  await polls.stop();
  assert.equal(clock.pending, 0);
});

test("polls take at most a twentieth of the time, and the next comes within five seconds", async () => {
  const { clock, reads, polls, look } = polled(1_000, [anOperation()]);
  /** Advances the time until the next poll has begun. @returns the time in milliseconds */
  const passed = async (): Promise<number> => {
    const before = reads.length;
    let ms = 0;
    for (; reads.length === before; ms += 100) {
      await clock.advance(100);
      await settled();
    }
    return ms;
  };
  assert.equal(await passed(), 1_000);
  look.tookMs = 150;
  await passed();
  look.tookMs = 6_000;
  const afterShort = await passed();
  look.tookMs = 0;
  const afterLong = await passed();
  assert.ok(afterShort >= 2_800 && afterShort <= 3_400, `${afterShort}`);
  // Six seconds of polling, and five of pause: such a slow poll may have been an outage.
  assert.ok(afterLong >= 6_000 && afterLong <= 11_100, `${afterLong}`);
  await polls.stop();
});

test("a store that fails is polled again", async () => {
  const [operation] = [anOperation()];
  const { clock, reads, records, released, polls } = polled(200, [operation]);
  records.clear();
  await clock.advance(200);
  records.set(operation.id, { ...operation, state: "FAILED" });
  await clock.advance(200);
  assert.deepEqual([reads, released], [[1, 1], [operation.id]]);
  await polls.stop();
});

test("a store that announces every change is not polled", async () => {
  const { clock, reads } = polled(null, [anOperation()]);
  await clock.advance(60_000);
  assert.deepEqual(reads, []);
});
