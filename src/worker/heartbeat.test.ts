import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import type { LeaseKeeper } from "../core/ports/lease-keeper.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { Heartbeat, trustMs } from "./heartbeat.ts";

const lease = { id: "x", attempt: 1 };

/** A heartbeat whose keeper renews when the test says so. */
function openHeartbeat(deadlineMs: number | null = null): {
  readonly heartbeat: Heartbeat;
  readonly clock: ManualClock;
  readonly ends: string[];
  readonly kept: string[];
  renewedAt: number | undefined;
} {
  const clock = new ManualClock();
  const opened = {
    clock,
    ends: [] as string[],
    kept: [] as string[],
    renewedAt: undefined as number | undefined,
  };
  const keeper: LeaseKeeper = {
    keep: ({ id }) => void opened.kept.push(`keep ${id}`),
    letGo: ({ id }) => void opened.kept.push(`let go ${id}`),
    renewedAt: () => opened.renewedAt,
    watch: () => () => {},
  };
  const heartbeat = new Heartbeat({
    lease,
    leaseMs: 30_000,
    calledAt: 0,
    keeper,
    clock,
    deadlineTime: deadlineMs === null ? null : clock.now() + deadlineMs,
    time: () => clock.now(),
    end: (why) => void opened.ends.push(`${why} at ${clock.monotonic()}`),
  });
  return Object.assign(opened, { heartbeat });
}

suite("Heartbeat", () => {
  test("trust ends the margin before the lease, counted from the start of the call", async () => {
    const { heartbeat, clock, ends, kept } = openHeartbeat();
    heartbeat.start();
    await clock.advance(60_000);
    assert.deepEqual(ends, [`lease-lost at ${30_000 - LIMITS.leaseMarginMs}`]);
    assert.equal(heartbeat.trusted, false);
    assert.deepEqual(kept, ["keep x", "let go x"]);
    assert.equal(clock.pending, 0);
  });

  test("the margin of a short lease is a fifth of it", () => {
    assert.equal(trustMs(1_000), 800);
    assert.equal(trustMs(60_000), 57_000);
    assert.equal(trustMs(600_000), 570_000);
  });

  test("renewals by the keeper and by reports extend it", async () => {
    const opened = openHeartbeat();
    const { heartbeat, clock, ends } = opened;
    heartbeat.start();
    await clock.advance(20_000);
    heartbeat.renewed(20_000);
    opened.renewedAt = 10_000;
    await clock.advance(26_999);
    assert.deepEqual(ends, []);
    opened.renewedAt = 40_000;
    await clock.advance(1_000_000);
    assert.deepEqual(ends, ["lease-lost at 67000"]);
  });

  test("a renewal that is answered after a later one does not shorten it", async () => {
    const opened = openHeartbeat();
    const { heartbeat, clock, ends } = opened;
    heartbeat.start();
    await clock.advance(20_000);
    heartbeat.renewed(20_000);
    heartbeat.renewed(10_000);
    opened.renewedAt = 5_000;
    await clock.advance(26_999);
    assert.deepEqual([heartbeat.trusted, ends], [true, []]);
    await clock.advance(1);
    assert.deepEqual([heartbeat.trusted, ends], [false, ["lease-lost at 47000"]]);
  });

  test("a timer that a blocked event loop delayed asks the keeper before it gives up", async () => {
    const opened = openHeartbeat();
    const { heartbeat, clock, ends } = opened;
    heartbeat.start();
    // The keeper has renewed in its own thread meanwhile.
    clock.after(26_999, () => (opened.renewedAt = 26_999));
    await clock.advance(50_000);
    assert.deepEqual(ends, []);
    assert.equal(heartbeat.trusted, true);
  });

  test("the deadline is reported once, and the lease is still watched", async () => {
    const { heartbeat, clock, ends } = openHeartbeat(5_000);
    heartbeat.start();
    await clock.advance(60_000);
    assert.deepEqual(ends, ["deadline at 5000", "lease-lost at 27000"]);
  });

  test("a wall clock that was set back does not end an operation early", async () => {
    const { heartbeat, clock, ends } = openHeartbeat(5_000);
    heartbeat.start();
    clock.setWall(clock.now() - 10_000);
    await clock.advance(14_999);
    assert.deepEqual(ends, []);
    await clock.advance(1);
    assert.deepEqual(ends, ["deadline at 15000"]);
  });

  test("stop() removes everything, once", async () => {
    const { heartbeat, clock, ends, kept } = openHeartbeat(5_000);
    heartbeat.start();
    heartbeat.stop();
    heartbeat.stop();
    await clock.advance(60_000);
    assert.deepEqual([ends, kept, clock.pending], [[], ["keep x", "let go x"], 0]);
  });
});
