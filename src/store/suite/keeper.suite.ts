import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lease, LeaseNotice } from "../../core/ports/lease-keeper.ts";
import type { Store } from "../../core/ports/store.ts";
import { after, aRunningOperation, onStore, put, read, type StoreSubject, write } from "./subject.suite.ts";

const LEASE_MS = 30_000;

/** `keeper` renews leases, by the store's clock. */
export function keeperSuite(subject: StoreSubject): void {
  test(
    "keeper renews at a third of the lease, and reports when the renewal began",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + LEASE_MS);
      const lease: Lease = { id: running.id, attempt: 1 };
      await put(store, running);
      store.keeper.keep(lease, LEASE_MS);
      await clock.advance(LEASE_MS / 3 - 1);
      await renewalsWritten(subject, store);
      assert.equal(store.keeper.renewedAt(lease), undefined);
      assert.equal((await read(store, running))?.leaseTime, running.leaseTime);
      await clock.advance(1);
      await renewalsWritten(subject, store);
      assert.equal(store.keeper.renewedAt(lease), clock.monotonic());
      assert.equal((await read(store, running))?.leaseTime, clock.now() + LEASE_MS);
      await clock.advance(LEASE_MS / 3);
      await renewalsWritten(subject, store);
      assert.equal(store.keeper.renewedAt(lease), clock.monotonic());
    }),
  );

  test(
    "keeper leaves a released lease alone, and forgets it",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + LEASE_MS);
      const lease: Lease = { id: running.id, attempt: 1 };
      await put(store, running);
      store.keeper.letGo(lease);
      store.keeper.keep(lease, LEASE_MS);
      await clock.advance(LEASE_MS / 3);
      await renewalsWritten(subject, store);
      const renewed = await read(store, running);
      store.keeper.letGo(lease);
      assert.equal(store.keeper.renewedAt(lease), undefined);
      await clock.advance(LEASE_MS);
      await renewalsWritten(subject, store);
      assert.deepEqual(await read(store, running), renewed);
    }),
  );

  test(
    "keeper reports a lost lease once, and a cancellation request once",
    onStore(subject, async ({ store, clock }) => {
      const held = aRunningOperation(clock.now() + LEASE_MS);
      const released = after(aRunningOperation(clock.now() + LEASE_MS), {
        type: "release",
        now: clock.now(),
        attempt: 1,
      });
      await put(store, after(held, { type: "cancel", now: clock.now() }), released);
      const notices: LeaseNotice[] = [];
      store.keeper.watch((notice) => void notices.push(notice));
      const [kept, lost] = [held, released].map(({ id }): Lease => ({ id, attempt: 1 }));
      for (const lease of [kept, lost]) if (lease !== undefined) store.keeper.keep(lease, LEASE_MS);
      for (let turn = 0; turn < 4; turn++) {
        await clock.advance(LEASE_MS / 3);
        await renewalsWritten(subject, store);
      }
      assert.deepEqual(notices, [
        { lease: kept, event: "cancel-requested" },
        { lease: lost, event: "lost" },
      ]);
    }),
  );
}

/** Resolves when all renewals in progress have been answered. */
async function renewalsWritten(subject: StoreSubject, store: Store): Promise<void> {
  await (subject.settle?.(store) ?? write(store, { verb: "purge", limit: 0 }));
}
