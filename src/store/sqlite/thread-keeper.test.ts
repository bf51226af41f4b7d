import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/clock.ts";
import type { Lease, LeaseNotice } from "../../core/store.ts";
import { openStore } from "../open.ts";
import { after, aRunningOperation, put, read } from "../suite/subject.suite.ts";
import { aDatabaseFile } from "./a-database-file.suite.ts";

const LEASE_MS = 900;

/** Keeps the event loop from doing anything, as a handler does that computes. */
function block(ms: number): void {
  const end = systemClock.monotonic() + ms;
  while (systemClock.monotonic() < end);
}

test("leases are renewed, and renewals known, while the event loop is blocked for longer than the lease", async (context) => {
  const store = await openStore(`sqlite:${aDatabaseFile(context)}`);
  context.after(() => store.close());
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
  assert.ok(renewedAt <= systemClock.monotonic());
  const leaseTime = (await read(store, running))?.leaseTime ?? 0;
  assert.ok(leaseTime > running.createTime && leaseTime > store.time());
  assert.deepEqual(await store.due(1), []);
});

test("a lost lease and a cancellation request are told from the thread, each once", async (context) => {
  const store = await openStore(`sqlite:${aDatabaseFile(context)}`);
  context.after(() => store.close());
  const now = store.time();
  const cancelled = after(aRunningOperation(now + 60_000), { type: "cancel", now });
  const released = after(aRunningOperation(now + 60_000), { type: "release", now, attempt: 1 });
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
  assert.deepEqual(notices, [
    { lease: leases[0], event: "cancel-requested" },
    { lease: leases[1], event: "lost" },
  ]);
  assert.equal(store.keeper.renewedAt(leases[1] ?? { id: "", attempt: 0 }), undefined);
});
