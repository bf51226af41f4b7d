import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { Lease, LeaseNotice } from "../../core/ports/lease-keeper.ts";
import type { Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { after, aRunningOperation, put, read } from "../suite/subject.suite.ts";

const LEASE_MS = 600;
/** The records' leases are far longer, so that a thread that is late finds them held. */
const HELD_MS = 60_000;

/** Holds the event loop, as a handler that computes does, until then or for half a minute. */
function blockUntil(isOver: () => boolean): void {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  const end = systemClock.monotonic() + 30_000;
  while (!isOver() && systemClock.monotonic() < end) Atomics.wait(cell, 0, 0, 1);
}

/** The behaviour of every store that renews leases in a separate thread. */
export function threadSuite(open: (context: TestContext) => Promise<Store>): void {
  const opened = async (context: TestContext): Promise<Store> => {
    const store = await open(context);
    context.after(() => store.close());
    return store;
  };

  test("leases are renewed, and renewals known, while the event loop is blocked for longer than the lease", async (context) => {
    const store = await opened(context);
    const running = aRunningOperation(store.time() + HELD_MS);
    const lease: Lease = { id: running.id, attempt: 1 };
    await put(store, running);
    const startedAt = systemClock.monotonic();
    store.keeper.keep(lease, LEASE_MS);
    assert.equal(store.keeper.renewedAt(lease), undefined);
    const renewedAt = (): number => store.keeper.renewedAt(lease) ?? 0;
    blockUntil(() => renewedAt() > startedAt + LEASE_MS);
    assert.ok(renewedAt() > startedAt + LEASE_MS, `renewed ${renewedAt() - startedAt} ms after the start`);
    assert.ok(renewedAt() <= systemClock.monotonic());
  });

  test("the thread reports a lost lease and a cancellation request, each once", async (context) => {
    const store = await opened(context);
    const now = store.time();
    const cancelled = after(aRunningOperation(now + HELD_MS), { type: "cancel", now });
    const released = after(aRunningOperation(now + HELD_MS), { type: "release", now, attempt: 1 });
    await put(store, cancelled, released);
    const notices: LeaseNotice[] = [];
    const told = new Promise<void>((resolve) => {
      store.keeper.watch((notice) => notices.push(notice) === 2 && resolve());
    });
    const leases = [cancelled, released].map(({ id }): Lease => ({ id, attempt: 1 }));
    for (const lease of leases) store.keeper.keep(lease, LEASE_MS);
    await told;
    const toldAt = systemClock.monotonic();
    blockUntil(() => (store.keeper.renewedAt(leases[0] ?? assert.fail()) ?? 0) > toldAt);
    await read(store, cancelled);
    // The renewals of one round are answered in any order.
    assert.deepEqual(
      notices.toSorted((a, b) => (a.event < b.event ? -1 : 1)),
      [
        { lease: leases[0], event: "cancel-requested" },
        { lease: leases[1], event: "lost" },
      ],
    );
    assert.equal(store.keeper.renewedAt(leases[1] ?? { id: "", attempt: 0 }), undefined);
  });

  test("a lease for which the thread is not woken is renewed while the event loop is blocked from then on", async (context) => {
    const store = await opened(context);
    const before: Lease = { id: anOperation().id, attempt: 1 };
    store.keeper.keep(before, LEASE_MS);
    store.keeper.letGo(before);
    const running = aRunningOperation(store.time() + HELD_MS);
    const lease: Lease = { id: running.id, attempt: 1 };
    // The thread has seen another lease before.
    await put(store, running);
    store.keeper.keep(lease, LEASE_MS);
    blockUntil(() => store.keeper.renewedAt(lease) !== undefined);
    assert.notEqual(store.keeper.renewedAt(lease), undefined);
  });
}
