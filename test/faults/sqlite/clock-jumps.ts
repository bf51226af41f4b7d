import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { monotonicNow, readRuns } from "../runs.ts";

const HOUR_MS = 3_600_000;
/**
 * The shifts of the clock, one after the other: a day for a while, an hour and an eight-hour sleep
 * ahead, then back, and far back.
 */
const SHIFTS_MS: readonly number[] = [24 * HOUR_MS, 0, HOUR_MS, 9 * HOUR_MS, -40_000, -30 * 24 * HOUR_MS, 0];

/**
 * The wall clock of a running server jumps forward and back, under load. Its leases are shorter
 * than each jump, but no attempt is lost, because the store's time advances steadily.
 */
export const sqliteClockJumps: Fault = {
  name: "sqlite-clock-jumps",
  stores: ["sqlite"],
  run: (bench) =>
    bench.course({ serversDie: true }, async ({ cluster, load }) => {
      const clockFile = join(bench.folder, "clock");
      setClock(clockFile, 0);
      for (const member of cluster.members) {
        await member.kill();
        await member.start({ clockFile });
      }
      // Attempts that were running when the server was killed run again first.
      await delay(3_000);
      const from = monotonicNow();
      // So that the attempts at the first jump have begun after the restart.
      await delay(2_000);
      const rates: number[] = [];
      const delays: number[] = [];
      for (const shiftMs of SHIFTS_MS) {
        setClock(clockFile, shiftMs);
        delays.push(await delayedFor(cluster.servers[0]?.url ?? ""));
        rates.push(await load.measure(bench.isLong ? 15_000 : 3_000));
      }
      const runs = readRuns(cluster.runsFolder).filter(({ began }) => began > from);
      const first = new Set(runs.filter(({ attempt }) => attempt === 1).map(({ name }) => name));
      const again = runs.filter(({ name, attempt }) => attempt > 1 && first.has(name));
      assert.deepEqual(again, [], "attempts were lost although nothing happened to them");
      const [slow, fast] = [Math.min(...rates), Math.max(...rates)];
      assert.ok(slow > 0, "the service stood still");
      const longest = Math.max(...delays);
      assert.ok(longest < 5 * DELAY_MS, `a delay of ${DELAY_MS} ms took ${longest} ms`);
      return {
        jumps: SHIFTS_MS.length,
        "longest delay ms": Math.round(longest),
        runs: runs.length,
        "slowest rate": Math.round(slow),
        "fastest rate": Math.round(fast),
      };
    }),
};

const DELAY_MS = 1_000;

/** How long an operation takes that is delayed by a second. */
async function delayedFor(url: string): Promise<number> {
  const startedAt = performance.now();
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ text: "delayed", durationMs: 1 });
  const start = await fetch(`${url}/v1/projects/clock:work?delay=1s`, { method: "POST", body, headers });
  const { name } = (await start.json()) as { readonly name: string };
  const wait = await fetch(`${url}/v1/${name}:wait?timeout=20s`, { method: "POST" });
  const { done } = (await wait.json()) as { readonly done?: boolean };
  assert.equal(done, true, "an operation that was delayed for a second did not begin");
  return performance.now() - startedAt;
}

/** A reader finds the old number or the new one, never half of one. */
function setClock(file: string, shiftMs: number): void {
  writeFileSync(`${file}.new`, String(shiftMs));
  renameSync(`${file}.new`, file);
}
