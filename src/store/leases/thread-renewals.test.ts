import assert from "node:assert/strict";
import { test } from "node:test";
import type { LeaseNotice, RenewAnswer } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { LeaseSlots } from "./lease-slots.ts";
import { type Renewed, ThreadRenewals } from "./thread-renewals.ts";

const LEASE_MS = 12_000;
const SCAN_MS = LEASE_MS / 12;
const held: RenewAnswer = { held: true, leaseTime: 0, revision: 1, cancelRequested: false };
const [a, b, lost] = [anOperation().id, anOperation().id, anOperation().id];

/** Renewals that a test answers. Both sides are on its clock. */
function renewalsOn(renew: (ids: readonly string[]) => Renewed | Promise<Renewed>) {
  const clock = new ManualClock();
  const time = (): bigint => BigInt(Math.round(clock.monotonic() * 1e6));
  const slots = new LeaseSlots();
  const renewed: (readonly [at: number, ...ids: readonly string[]])[] = [];
  const notices: LeaseNotice[] = [];
  const renewals = new ThreadRenewals({
    clock,
    time,
    slots,
    renew(commands) {
      const ids = commands.map((each) => each.id);
      renewed.push([clock.monotonic(), ...ids]);
      return renew(ids);
    },
    tell: (more) => void notices.push(...more),
  });
  const keep = (id: string, leaseMs = LEASE_MS): number => slots.take({ id, attempt: 1 }, leaseMs, time());
  return { clock, slots, renewed, notices, renewals, keep };
}

/** Renewals that succeed, but for the lease that is lost; looking for new leases as it becomes one of `LEASE_MS`. */
function scanning() {
  const made = renewalsOn((ids) => ids.map((id) => (id === lost ? { held: false } : held)));
  made.renewals.scan({ type: "scan", everyMs: SCAN_MS });
  return made;
}

test("nothing is done, and no timer stands, before the first lease", async () => {
  const { clock, slots, keep } = renewalsOn(() => []);
  const slot = keep(a);
  await clock.advance(LEASE_MS);
  assert.equal(clock.pending, 0);
  // Nobody has looked.
  assert.ok(slots.adopt(slot) !== undefined);
});

test("a lease is found without a message, and renewed a third of it after it was kept, not after it was found", async () => {
  const { clock, renewed, keep } = scanning();
  await clock.advance(SCAN_MS / 10);
  keep(a);
  await clock.advance(LEASE_MS / 3 - 1);
  assert.deepEqual(renewed, []);
  await clock.advance(1);
  assert.deepEqual(renewed, [[SCAN_MS / 10 + LEASE_MS / 3, a]]);
});

test("a request to scan finds what is there already, and is in force from then on", async () => {
  const { clock, slots, renewed, renewals, keep } = scanning();
  await clock.advance(1);
  const slot = keep(a, 120);
  renewals.scan({ type: "scan", everyMs: 10 });
  await clock.advance(59);
  assert.deepEqual(renewed, [[41, a]]);
  slots.release(slot);
  await clock.advance(60);
  keep(b, 120);
  await clock.advance(40);
  assert.deepEqual(renewed.slice(1), [[160, b]]);
});

test("a renewal is told in the slot of its lease only", async () => {
  const { clock, slots, keep } = scanning();
  const [kept, gone] = [keep(a), keep(lost)];
  await clock.advance(LEASE_MS / 3);
  assert.equal(slots.renewedAt(kept), BigInt((LEASE_MS / 3) * 1e6));
  assert.equal(slots.renewedAt(gone), undefined);
});

test("a lease that was let go is not renewed, and its slot is free again", async () => {
  const { clock, slots, renewed, keep } = scanning();
  const [unseen] = [keep(a), keep(b)];
  slots.release(unseen);
  const seen = keep(a);
  assert.equal(seen, unseen);
  await clock.advance(SCAN_MS);
  slots.release(seen);
  assert.notEqual(keep(lost, LEASE_MS * 2), seen);
  await clock.advance(LEASE_MS / 3 - SCAN_MS);
  assert.deepEqual(renewed, [[LEASE_MS / 3, b]]);
  assert.equal(keep(a), seen);
});

test("the slot of a lost lease is free again once it is let go", async () => {
  const { clock, slots, notices, keep } = scanning();
  const slot = keep(lost);
  keep(a);
  await clock.advance(LEASE_MS);
  assert.deepEqual(notices, [{ lease: { id: lost, attempt: 1 }, event: "lost" }]);
  slots.release(slot);
  await clock.advance(LEASE_MS);
  assert.equal(keep(b), slot);
});

test("renewals that fail are tried again, and lose nothing by it", async () => {
  let failing = true;
  const { clock, slots, renewals, notices, keep } = renewalsOn(() => (failing ? [] : [held]));
  const slot = keep(a);
  renewals.scan({ type: "scan", everyMs: SCAN_MS });
  await clock.advance(LEASE_MS / 3);
  assert.equal(slots.renewedAt(slot), undefined);
  failing = false;
  await clock.advance(LEASE_MS / 10);
  assert.ok(slots.renewedAt(slot) !== undefined);
  assert.deepEqual(notices, []);
});

test("slots are looked at while renewals are under way; what is due meanwhile is renewed after them", async () => {
  const underWay = Promise.withResolvers<Renewed>();
  const answers: (Renewed | Promise<Renewed>)[] = [underWay.promise, [held]];
  const { clock, slots, renewed, notices, renewals, keep } = renewalsOn(() => answers.shift() ?? []);
  renewals.scan({ type: "scan", everyMs: SCAN_MS });
  const slot = keep(a);
  await clock.advance(LEASE_MS / 3);
  slots.release(slot);
  keep(b);
  await clock.advance(LEASE_MS);
  // The slot is another lease's by the time of the answer, which says nothing of that one.
  assert.equal(keep(lost), slot);
  assert.deepEqual(renewed, [[LEASE_MS / 3, a]]);
  underWay.resolve([{ held: false }]);
  await clock.advance(0);
  assert.deepEqual(notices, []);
  assert.equal(slots.renewedAt(slot), undefined);
  assert.deepEqual(renewed.slice(1, 2), [[(LEASE_MS / 3) * 4, b]]);
});

test("stop() leaves no timer behind, also while renewals are under way, and looks at nothing any more", async () => {
  const underWay = Promise.withResolvers<Renewed>();
  const { clock, slots, renewals, keep } = renewalsOn(() => underWay.promise);
  renewals.scan({ type: "scan", everyMs: SCAN_MS });
  keep(a);
  await clock.advance(LEASE_MS / 3);
  assert.equal(clock.pending, 1);
  renewals.stop();
  assert.equal(clock.pending, 0);
  underWay.resolve([held]);
  await clock.advance(0);
  const slot = keep(b);
  renewals.scan({ type: "scan", everyMs: SCAN_MS });
  assert.equal(clock.pending, 0);
  assert.ok(slots.adopt(slot) !== undefined);
});

test("leases that come and go do not pile up, though some are found in between", async () => {
  const { clock, slots, keep } = scanning();
  const used = new Set<number>();
  for (let turn = 0; turn < 1_000; turn++) {
    const slot = keep(a);
    used.add(slot);
    if (turn % 50 === 0) await clock.advance(SCAN_MS);
    slots.release(slot);
  }
  assert.ok(used.size <= 2, `${used.size} slots for one lease at a time`);
});
