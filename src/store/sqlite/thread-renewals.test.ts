import assert from "node:assert/strict";
import { test } from "node:test";
import type { LeaseNotice, RenewAnswer } from "../../core/store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { LeaseSlots } from "./lease-slots.ts";
import { ThreadRenewals } from "./thread-renewals.ts";

const LEASE_MS = 3_000;
const held: RenewAnswer = { held: true, leaseTime: 0, revision: 1, cancelRequested: false };

/** Renewals whose answers a test chooses; undefined for a failure. */
function aKeeper(answer: (id: string) => RenewAnswer | undefined) {
  const clock = new ManualClock();
  const slots = new LeaseSlots();
  const renewed: string[][] = [];
  const notices: LeaseNotice[] = [];
  const renewals = new ThreadRenewals({
    clock,
    slots,
    renew(commands) {
      renewed.push(commands.map((each) => each.id));
      const answers = commands.map((each) => answer(each.id));
      return answers.every((each) => each !== undefined) ? answers : undefined;
    },
    tell: (more) => void notices.push(...more),
  });
  const keep = (id: string): number => {
    const slot = slots.take();
    renewals.keep({ type: "keep", slot, lease: { id, attempt: 1 }, leaseMs: LEASE_MS });
    return slot;
  };
  return { clock, slots, renewed, notices, keep };
}

test("a renewal is told in the slot of its lease only", async () => {
  const { clock, slots, keep } = aKeeper((id) => (id === "lost" ? { held: false } : held));
  const [kept, lost] = [keep("kept"), keep("lost")];
  await clock.advance(LEASE_MS / 3);
  assert.ok((slots.renewedAt(kept) ?? 0n) > 0n);
  assert.equal(slots.renewedAt(lost), undefined);
});

test("a lease that was let go is not renewed, and its slot is free again", async () => {
  const { clock, slots, renewed, keep } = aKeeper(() => held);
  const slot = keep("a");
  keep("b");
  slots.release(slot);
  await clock.advance(LEASE_MS / 3);
  assert.deepEqual(renewed, [["b"]]);
  assert.equal(slots.take(), slot);
});

test("the slot of a lost lease is free again once it is let go", async () => {
  const { clock, slots, notices, keep } = aKeeper((id) => (id === "lost" ? { held: false } : held));
  const slot = keep("lost");
  keep("kept");
  await clock.advance(LEASE_MS);
  assert.equal(notices.length, 1);
  slots.release(slot);
  await clock.advance(LEASE_MS);
  assert.equal(slots.take(), slot);
});

test("renewals that fail are tried again, and lose nothing by it", async () => {
  let failing = true;
  const { clock, slots, notices, keep } = aKeeper(() => (failing ? undefined : held));
  const slot = keep("a");
  await clock.advance(LEASE_MS / 3);
  assert.equal(slots.renewedAt(slot), undefined);
  failing = false;
  await clock.advance(LEASE_MS / 10);
  assert.ok(slots.renewedAt(slot) !== undefined);
  assert.deepEqual(notices, []);
});

test("leases that come and go without a renewal in between do not pile up", () => {
  const { slots, keep } = aKeeper(() => held);
  const used = new Set<number>();
  for (let turn = 0; turn < 10_000; turn++) {
    const slot = keep(`${turn}`);
    used.add(slot);
    slots.release(slot);
  }
  assert.ok(used.size < 1_000, `${used.size} slots for one lease at a time`);
});
