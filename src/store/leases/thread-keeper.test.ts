import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { Lease, LeaseNotice } from "../../core/ports/store.ts";
import { silence } from "../../core/events.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { after, aRunningOperation, put, read } from "../suite/subject.suite.ts";
import { aDatabaseFile } from "../sqlite/a-database.suite.ts";
import { LeaseSlots } from "./lease-slots.ts";
import { processTime } from "./process-time.ts";
import { ThreadKeeper } from "./thread-keeper.ts";

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
  assert.deepEqual((await store.due({ by: "lease", limit: 1, after: null })).ids, []);
});

test("a lease that the thread is told nothing of is renewed while the event loop is blocked from then on", async (context) => {
  const store = await openStore(`sqlite:${aDatabaseFile(context)}`);
  context.after(() => store.close());
  const before: Lease = { id: anOperation().id, attempt: 1 };
  store.keeper.keep(before, LEASE_MS);
  store.keeper.letGo(before);
  const running = aRunningOperation(store.time() + LEASE_MS);
  const lease: Lease = { id: running.id, attempt: 1 };
  // By the same port: what the thread was told of the lease before, it has heard when this is written.
  await put(store, running);
  const startedAt = systemClock.monotonic();
  store.keeper.keep(lease, LEASE_MS);
  block(LEASE_MS);
  const renewedMs = (store.keeper.renewedAt(lease) ?? 0) - startedAt;
  // On a busy machine it is the last of several renewals.
  assert.ok(renewedMs > LEASE_MS / 4, `renewed ${renewedMs} ms after it was kept`);
  assert.deepEqual((await store.due({ by: "lease", limit: 1, after: null })).ids, []);
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

test("the thread is told of nothing but a lease that is shorter than all before, which is there by then", () => {
  const slots = new LeaseSlots();
  const found: (number | undefined)[] = [];
  const scans: number[] = [];
  const keeper = new ThreadKeeper({
    clock: systemClock,
    tell: silence,
    slots,
    thread: {
      scan(everyMs) {
        scans.push(everyMs);
        found.push(slots.adopt(slots.end - 1)?.leaseMs);
      },
      onNotices() {},
    },
  });
  for (const leaseMs of [900, 900, 1_200, 300, 600])
    keeper.keep({ id: anOperation().id, attempt: 1 }, leaseMs);
  assert.deepEqual(scans, [75, 25]);
  assert.deepEqual(found, [900, 300]);
});

test("a lease is kept from the instant of keep(), and not at all once it is let go", () => {
  const slots = new LeaseSlots();
  const thread = { scan() {}, onNotices() {} };
  const keeper = new ThreadKeeper({ clock: systemClock, tell: silence, slots, thread });
  const [first, second] = [anOperation().id, anOperation().id].map((id): Lease => ({ id, attempt: 2 }));
  assert.ok(first !== undefined && second !== undefined);
  keeper.keep(first, LEASE_MS);
  keeper.letGo(first);
  assert.equal(slots.adopt(0), undefined);
  const earliest = processTime();
  keeper.keep(second, LEASE_MS);
  const latest = processTime();
  const { lease, leaseMs, keptAt = 0n } = slots.adopt(0) ?? {};
  assert.deepEqual([lease, leaseMs], [second, LEASE_MS]);
  assert.ok(earliest <= keptAt && keptAt <= latest);
});
