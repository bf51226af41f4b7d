import assert from "node:assert/strict";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import { aMigratedAddress } from "../store/postgres/a-database.suite.ts";
import { aSubject } from "../store/postgres/a-subject.suite.ts";
import { storeSuite } from "../store/store.suite.ts";
import { aKek, answers, encrypted } from "./encrypted.suite.ts";

const subject = aSubject({ name: "PostgreSQL, encrypted", address: await aMigratedAddress(), listRuns: 30 });
const keks = [aKek(1)] as const;
/** The underlying store that was opened last. */
let kept: Store | undefined;

async function opened(clock: Clock, store: Promise<Store> | undefined): Promise<Store> {
  kept = await store;
  assert.ok(kept !== undefined);
  return encrypted(kept, { clock, keks });
}

storeSuite({
  ...subject,
  seals: { answers },
  open: (clock) => opened(clock, subject.open(clock)),
  reopen: (clock) => opened(clock, subject.reopen?.(clock)),
  settle: async (store) => subject.settle?.(kept ?? store),
});
