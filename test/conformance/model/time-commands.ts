import assert from "node:assert/strict";
import * as fc from "fast-check";
import { StatusError } from "../../../src/core/error.ts";
import { openStore } from "../../../src/store/open.ts";
import { commandKind } from "./command.ts";
import { retryMs } from "./harness.ts";

/** What time does, and what becomes of a process: the sweep, the clock in both directions, a restart. */

const SWEEP = commandKind<null>({
  kind: "sweep",
  weight: 2,
  given: fc.constant(null),
  run: async ({ oracle, harness }) => {
    await harness.engine.sweep.round();
    return oracle.sweep(retryMs) > 0;
  },
});

/** Both faces of the clock go on, and timers ring. Whole buckets of waiters, so that none rings a little early. */
const ADVANCE = commandKind<number>({
  kind: "advance",
  weight: 3,
  given: fc.constantFrom(10, 1_000, 7_500, 10_000, 30_000, 60_000, 120_000, 0),
  run: async ({ oracle, harness }, ms) => {
    await harness.clock.advance(ms);
    const moved = oracle.tick(harness.clock.now());
    assert.equal(harness.store.time(), oracle.now);
    return moved;
  },
});

/** The machine's clock is set; the store's does not go back with it. */
const SET_WALL = commandKind<number>({
  kind: "set wall",
  given: fc.constantFrom(-3_600_000, -20_000, -1, 5_000, 90_000),
  run: async ({ oracle, harness }, ms) => {
    harness.clock.setWall(harness.clock.now() + ms);
    const moved = oracle.tick(harness.clock.now());
    assert.equal(harness.store.time(), oracle.now);
    return moved;
  },
});

/** The process ends and another takes its place; or another comes while the first still lives, which is refused. */
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
    oracle.reopen(harness.clock.now());
    assert.equal(harness.store.time(), oracle.now);
    return true;
  },
});

/** The kinds of this file. */
export const TIME_COMMANDS = [SWEEP, ADVANCE, SET_WALL, REOPEN] as const;
