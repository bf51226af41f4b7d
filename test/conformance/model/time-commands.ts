import assert from "node:assert/strict";
import * as fc from "fast-check";
import { StatusError } from "../../../src/core/error/error.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { openStore } from "../../../src/store/open.ts";
import { PostgresStore } from "../../../src/store/postgres/store.ts";
import { commandKind } from "./command.ts";
import { type Harness, retryMs } from "./harness.ts";
import type { Oracle } from "./oracle.ts";

/** Time and the lives of processes: the sweep, the clock in both directions, a restart. */

const SWEEP = commandKind<null>({
  kind: "sweep",
  weight: 2,
  given: fc.constant(null),
  run: async ({ oracle, harness }) => {
    await harness.engine.sweep.round();
    return oracle.sweep(retryMs) > 0;
  },
});

/**
 * Advances both clocks, and timers fire. It uses whole buckets of waiters, so that no timer fires a
 * little early.
 */
const ADVANCE = commandKind<number>({
  kind: "advance",
  weight: 3,
  given: fc.constantFrom(10, 1_000, 7_500, 10_000, 30_000, 60_000, 120_000, 0),
  run: async ({ oracle, harness }, ms) => {
    await harness.advance(ms);
    return tick(oracle, harness, ms);
  },
});

/**
 * Sets the machine's clock. The store's clock follows it slowly if it belongs to this process, and
 * never goes back.
 */
const SET_WALL = commandKind<number>({
  kind: "set wall",
  given: fc.constantFrom(-3_600_000, -20_000, -1, 5, 5_000, 90_000),
  run: async ({ oracle, harness }, ms) => {
    harness.clock.setWall(harness.clock.now() + ms);
    return tick(oracle, harness, 0);
  },
});

/**
 * The process ends and another takes its place; or another starts while the first is alive, which
 * is refused.
 */
const REOPEN = commandKind<boolean>({
  kind: "reopen",
  onDisk: true,
  given: fc.boolean(),
  run: async ({ oracle, harness }, alive) => {
    if (alive) {
      await assert.rejects(openStore(harness.address), StatusError);
      return false;
    }
    await harness.engine.stop();
    await harness.check(oracle, true);
    await harness.store.close();
    await harness.open();
    // The file remembers the last time.
    const now = Math.max(harness.clock.now(), oracle.now);
    oracle.reopen(now);
    assert.equal(harness.store.time(), now);
    return true;
  },
});

/**
 * The oracle uses the store's time: the clock's, or a time that advances steadily whatever the
 * clock does.
 */
function tick(oracle: Oracle, harness: Harness, passedMs: number): boolean {
  const time = harness.store.time();
  if (harness.store instanceof PostgresStore) {
    assert.equal(time, Math.max(oracle.now, harness.clock.now()));
  } else {
    const steadyMs = passedMs * LIMITS.clockMovePart + 1;
    const offMs = time - (oracle.now + passedMs);
    assert.ok(offMs >= -steadyMs && offMs <= steadyMs + LIMITS.clockGrainMs, `off by ${offMs} ms`);
  }
  return oracle.tick(time);
}

/** The commands of this file. */
export const TIME_COMMANDS = [SWEEP, ADVANCE, SET_WALL, REOPEN] as const;
