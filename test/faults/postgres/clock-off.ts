import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Member } from "../cluster.ts";
import type { Fault } from "../fault.ts";
import { monotonicNow, readRuns } from "../runs.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/**
 * The clock of a worker is an hour fast and that of an API server an hour slow; then, in the long
 * form, the other way round. Only the store's clock counts, so nothing may change.
 */
export const clockOff: Fault = {
  name: "clock-off",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({ serversDie: true }, async ({ cluster, load }) => {
      const [worker, server] = [cluster.workers[0], cluster.servers[0]];
      assert.ok(worker !== undefined && server !== undefined);
      const rates: number[] = [];
      for (const shiftMs of bench.isLong ? [HOUR_MS, -HOUR_MS] : [HOUR_MS]) {
        await Promise.all([restart(worker, shiftMs), restart(server, -shiftMs)]);
        await delay(1_000);
        rates.push(await load.measure(bench.isLong ? 15_000 : 2_000));
        const run = readRuns(cluster.runsFolder).find(({ process }) => process === worker.processId);
        assert.ok(run !== undefined, "the worker whose clock is off ran nothing");
        const offMs = run.wallMinusMonotonic - (Date.now() - monotonicNow());
        assert.ok(Math.abs(offMs - shiftMs) < MINUTE_MS, `the worker's clock was off by ${offMs} ms`);
        const createTime = await createTimeFrom(server.url, shiftMs);
        const wrongMs = createTime - Date.now();
        assert.ok(Math.abs(wrongMs) < MINUTE_MS, `createTime is off by ${wrongMs} ms: it is the server's`);
      }
      await Promise.all([restart(worker, 0), restart(server, 0)]);
      return { "off by ms": HOUR_MS, "slowest while off": Math.round(Math.min(...rates)) };
    }),
};

async function restart(member: Member, clockShiftMs: number): Promise<void> {
  await member.kill();
  await member.start({ clockShiftMs });
}

/** The create time of an operation that is started now through a server. */
async function createTimeFrom(url: string, shiftMs: number): Promise<number> {
  const body = JSON.stringify({ text: `clock ${shiftMs}`, durationMs: 1 });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${url}/v1/projects/clock:work`, { method: "POST", body, headers });
  const operation = (await answer.json()) as { metadata?: { value?: { createTime?: string } } };
  return Date.parse(operation.metadata?.value?.createTime ?? "");
}
