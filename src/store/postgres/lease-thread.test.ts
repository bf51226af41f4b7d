import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { Lease, LeaseNotice, Store } from "../../core/ports/store.ts";
import { openStore } from "../open.ts";
import { after as afterEvent, aRunningOperation, put, read } from "../suite/subject.suite.ts";
import { aMigratedAddress } from "./a-database.suite.ts";

const LEASE_MS = 900;
const address = await aMigratedAddress();

async function opened(): Promise<Store> {
  const store = await openStore(address);
  after(() => store.close());
  return store;
}

/** Keeps the event loop from doing anything, as a handler does that computes. */
function block(ms: number): void {
  const end = systemClock.monotonic() + ms;
  while (systemClock.monotonic() < end);
}

test("leases are renewed, and renewals known, while the event loop is blocked for longer than the lease", async () => {
  const store = await opened();
  const running = aRunningOperation(store.time() + LEASE_MS);
  const lease: Lease = { id: running.id, attempt: 1 };
  await put(store, running);
  const startedAt = systemClock.monotonic();
  store.keeper.keep(lease, LEASE_MS);
  assert.equal(store.keeper.renewedAt(lease), undefined);
  block(2 * LEASE_MS);
  // No message of the thread has been read since.
  const renewedAt = store.keeper.renewedAt(lease) ?? 0;
  assert.ok(renewedAt > startedAt + LEASE_MS, `renewed ${renewedAt - startedAt} ms after the start`);
  assert.ok(((await read(store, running))?.leaseTime ?? 0) > store.time());
  assert.deepEqual((await store.due({ by: "lease", limit: 1, after: null })).ids, []);
});

test("a lost lease and a cancellation request are told from the thread, each once", async () => {
  const store = await opened();
  const now = store.time();
  const cancelled = afterEvent(aRunningOperation(now + 60_000), { type: "cancel", now });
  const released = afterEvent(aRunningOperation(now + 60_000), { type: "release", now, attempt: 1 });
  await put(store, cancelled, released);
  const notices: LeaseNotice[] = [];
  const told = new Promise<void>((resolve) => {
    store.keeper.watch((notice) => notices.push(notice) === 2 && resolve());
  });
  const leases = [cancelled, released].map(({ id }): Lease => ({ id, attempt: 1 }));
  for (const lease of leases) store.keeper.keep(lease, 90);
  await told;
  block(120);
  await read(store, cancelled);
  assert.deepEqual(new Set(notices.map(({ lease, event }) => `${lease.id} ${event}`)).size, 2);
  assert.deepEqual(notices.length, 2);
});

test("a store that runs no handlers has no such thread, and keeps leases all the same", async () => {
  const store = await openStore(address, { keepsLeases: false });
  const running = aRunningOperation(store.time() + 300);
  await put(store, running);
  store.keeper.keep({ id: running.id, attempt: 1 }, 300);
  const renewed = new Promise<void>((resolve) => {
    const look = (): void => {
      if (store.keeper.renewedAt({ id: running.id, attempt: 1 }) === undefined) systemClock.after(20, look);
      else resolve();
    };
    look();
  });
  await renewed;
  await store.close();
});
