import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { Store } from "../../core/ports/store.ts";
import { openStore } from "../open.ts";
import { aRunningOperation, put } from "../suite/subject.suite.ts";
import { threadSuite } from "../leases/thread.suite.ts";
import { asUnderWatch } from "../../../test/support/watched-threads.ts";
import { aMigratedAddress } from "./a-database.suite.ts";

const address = await aMigratedAddress();

/** The record's lease is far longer, so that a late renewal finds it held. */
const LEASE_MS = 300;

threadSuite(async () => openStore(await aMigratedAddress()));

test("a store that runs no handlers has no such thread, and keeps leases all the same", async () => {
  await keepsALease(await openStore(address, { keepsLeases: false }));
});

test("under node --watch, where threads report their modules, the thread renews too", async () => {
  await asUnderWatch(async () => keepsALease(await openStore(address)));
});

async function keepsALease(store: Store): Promise<void> {
  const running = aRunningOperation(store.time() + 60_000);
  await put(store, running);
  store.keeper.keep({ id: running.id, attempt: 1 }, LEASE_MS);
  const renewed = new Promise<void>((resolve) => {
    const look = (): void => {
      if (store.keeper.renewedAt({ id: running.id, attempt: 1 }) === undefined) systemClock.after(20, look);
      else resolve();
    };
    look();
  });
  await renewed;
  await store.close();
}
