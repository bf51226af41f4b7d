import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import type { Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import {
  aFinishedOperation,
  aRunningOperation,
  onStore,
  put,
  type StoreSubject,
  write,
  writeAll,
} from "./subject.suite.ts";

const LEASE_MS = 30_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/**
 * Steps of the wall clock, by setting it or by a sleeping machine, while the monotonic clock stands
 * still.
 */
const STEPS_MS: readonly number[] = [DAY_MS, HOUR_MS, 8 * HOUR_MS, -40_000, -HOUR_MS, -30 * DAY_MS];

/** A wall clock that jumps, for stores whose time belongs to this process. */
export function clockSuite(subject: StoreSubject): void {
  const skip = subject.ownsTime === true ? false : "its time is the database's";

  for (const stepMs of STEPS_MS) {
    test(
      `a running attempt keeps its lease when the clock jumps by ${stepMs / 1_000} s`,
      { skip },
      onStore(subject, async ({ store, clock }) => {
        const running = aRunningOperation(clock.now() + LEASE_MS);
        await put(store, running);
        store.keeper.keep({ id: running.id, attempt: 1 }, LEASE_MS);
        clock.setWall(clock.now() + stepMs);
        for (let round = 0; round < 30; round++) {
          await clock.advance(1_000);
          await write(store, { verb: "purge", limit: 0 });
          assert.deepEqual(await dueIds(store, "lease"), []);
        }
        store.keeper.letGo({ id: running.id, attempt: 1 });
        await clock.advance(LEASE_MS * 1.1);
        assert.equal((await dueIds(store, "lease")).length, 1, "a lease that nobody renews ends");
      }),
    );

    test(
      `delays, deadlines and expiry continue when the clock jumps by ${stepMs / 1_000} s`,
      { skip },
      onStore(subject, async ({ store, clock }) => {
        const now = clock.now();
        const delayed = anOperation({ method: "m", createTime: now, availableTime: now + 10_000 });
        const limited = anOperation({ createTime: now, availableTime: now, deadlineTime: now + 10_000 });
        const finished = aFinishedOperation({ createTime: now, timeToLiveMs: 10_000 });
        await writeAll(
          store,
          [delayed, limited].map((operation) => ({ verb: "insert", operation }) as const),
        );
        await put(store, finished);
        clock.setWall(clock.now() + stepMs);
        await clock.advance(9_000);
        assert.deepEqual(await happened(store, "m"), { claimed: [], due: [], removed: [] });
        await clock.advance(2_000);
        assert.deepEqual(await happened(store, "m"), {
          claimed: [delayed.id],
          due: [limited.id],
          removed: [finished.id],
        });
      }),
    );
  }

  const restarts = subject.reopen === undefined ? "nothing is left of it when it is closed" : skip;

  test("a store that is opened with a clock behind its file continues from there", {
    skip: restarts,
  }, async () => {
    await restarted(subject, -DAY_MS, async ({ store, clock, pending, before }) => {
      assert.ok(store.time() >= before);
      await clock.advance(11_000);
      const { claimed } = await happened(store, pending.method);
      assert.deepEqual(claimed, [pending.id]);
    });
  });

  test("a store that is opened with a clock far ahead removes nothing for an hour", {
    skip: restarts,
  }, async () => {
    await restarted(subject, 365 * DAY_MS, async ({ store, clock, finished }) => {
      assert.equal(store.time(), clock.now());
      assert.deepEqual((await happened(store, "")).removed, []);
      await clock.advance(HOUR_MS);
      assert.deepEqual((await happened(store, "")).removed, [finished.id]);
    });
  });

  test("records that were stored with a clock far ahead are kept after it has been corrected", {
    skip: restarts,
  }, async () => {
    await restarted(subject, 365 * DAY_MS, async ({ store, clock }) => {
      await store.close();
      clock.setWall(clock.now() - 365 * DAY_MS);
      const next = await subject.reopen?.(clock);
      assert.ok(next !== undefined);
      await clock.advance(2 * HOUR_MS);
      assert.deepEqual((await happened(next, "")).removed, []);
      await next.close();
    });
  });
}

/** Applies what is due now: claims and removes operations. */
async function happened(store: Store, method: string) {
  const wanted = [{ method, limit: 9 }];
  const claim = await write(store, { verb: "claim", worker: "w", leaseMs: LEASE_MS, limit: 9, wanted });
  const due = await dueIds(store, "deadline");
  const { ids: removed } = await write(store, { verb: "purge", limit: 9 });
  return { claimed: claim.operations.map(({ id }) => id), due, removed };
}

async function dueIds(store: Store, by: "lease" | "deadline"): Promise<readonly string[]> {
  return (await store.due({ by, limit: 9, after: null })).ids;
}

interface Restarted {
  readonly store: Store;
  readonly clock: ManualClock;
  /** The store's time when it was closed. */
  readonly before: number;
  /** At that time it had ten more seconds of delay. */
  readonly pending: Operation;
  /** It expires a minute after that time. */
  readonly finished: Operation;
}

/** Opens a store, closes it, sets the clock, and opens it again. */
async function restarted(
  subject: StoreSubject,
  stepMs: number,
  run: (bench: Restarted) => Promise<void>,
): Promise<void> {
  const clock = new ManualClock();
  const first = await subject.open(clock);
  await clock.advance(DAY_MS);
  const now = first.time();
  const pending = anOperation({ method: "m", createTime: now, availableTime: now + 10_000 });
  const finished = aFinishedOperation({ createTime: now, timeToLiveMs: 60_000 });
  await write(first, { verb: "insert", operation: pending });
  await put(first, finished);
  const before = first.time();
  await first.close();
  clock.setWall(clock.now() + stepMs);
  const store = await subject.reopen?.(clock);
  assert.ok(store !== undefined);
  try {
    await run({ store, clock, before, pending, finished });
  } finally {
    await store.close();
  }
}
