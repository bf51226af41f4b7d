import assert from "node:assert/strict";
import { test } from "node:test";
import { silence } from "../../core/events.ts";
import type { RenewCommand } from "../../core/ports/store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { ClockKeeper } from "./clock-keeper.ts";

const lease = { id: "a", attempt: 1 };

test("a renewal that failed is tried again before the lease is lost", async () => {
  const clock = new ManualClock();
  const renewals: RenewCommand[] = [];
  const keeper = new ClockKeeper({
    clock,
    tell: silence,
    async renew(command) {
      renewals.push(command);
      if (renewals.length === 1) throw new Error("the disk is full");
      return { held: true, leaseTime: 0, revision: 1, cancelRequested: false };
    },
  });
  keeper.keep(lease, 3_000);
  await clock.advance(1_000);
  assert.deepEqual([renewals.length, keeper.renewedAt(lease)], [1, undefined]);
  await clock.advance(300);
  assert.deepEqual([renewals.length, keeper.renewedAt(lease)], [2, 1_300]);
  assert.deepEqual(renewals[1], { verb: "renew", ...lease, leaseMs: 3_000, metadata: null });
});

test("stop() leaves no timer behind", async () => {
  const clock = new ManualClock();
  const keeper = new ClockKeeper({
    clock,
    tell: silence,
    renew: () => Promise.reject(new Error("not to be called")),
  });
  keeper.keep(lease, 3_000);
  assert.equal(clock.pending, 1);
  keeper.stop();
  assert.equal(clock.pending, 0);
  keeper.keep({ id: "b", attempt: 1 }, 300);
  assert.equal(clock.pending, 0);
});
