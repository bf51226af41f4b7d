import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { LiveProcesses } from "./live-processes.ts";

test("LiveProcesses counts the processes that answer calls, and keeps its last count while it cannot", async () => {
  const clock = new ManualClock();
  let roles: readonly string[] | undefined;
  const asked: number[] = [];
  const processes = async (since: number) => {
    asked.push(since);
    if (roles === undefined) throw new Error("away");
    return roles.map((role) => ({ role })) as never;
  };
  const live = new LiveProcesses({ store: { time: () => clock.now(), statistics: { processes } }, clock });
  assert.equal(live.count, 1);
  live.start();
  await clock.advance(0);
  assert.equal(live.count, 1);
  roles = ["all", "api", "api", "worker"];
  await clock.advance(LIMITS.reportMs);
  assert.equal(live.count, 3);
  roles = undefined;
  await clock.advance(LIMITS.reportMs);
  assert.equal(live.count, 3);
  roles = [];
  await clock.advance(LIMITS.reportMs);
  assert.equal(live.count, 1);
  assert.equal(asked.at(-1), clock.now() - LIMITS.processGoneMs);
  live.stop();
  const before = asked.length;
  await clock.advance(10 * LIMITS.reportMs);
  assert.equal(asked.length, before);
});
