import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { LEASE_MS } from "../cluster.ts";
import type { Fault } from "../fault.ts";
import type { Load } from "../load.ts";

const STOP = process.env["CITUS_NODE_STOP"];
const START = process.env["CITUS_NODE_START"];

/**
 * Longer than a lease, so that attempts whose rows are on the node's shards expire and run again.
 */
const AWAY_MS = LEASE_MS * 2.5;
/**
 * Operations that start while the node is away, without request ids, so that they can be on any
 * shard.
 */
const PROBES = 40;
/**
 * At most this many of them may be on shards of the node, or wait behind such operations: a cluster
 * has at least two worker nodes.
 */
const ENDED_MIN = PROBES / 5;

/**
 * A worker node is stopped under load and started again. Meanwhile operations on shards of other
 * nodes continue.
 */
export const nodeStopped: Fault = {
  name: "node-stopped",
  stores: ["citus"],
  skip:
    STOP === undefined || START === undefined
      ? "CITUS_NODE_STOP and CITUS_NODE_START are not set"
      : undefined,
  run: (bench) =>
    bench.course({}, async ({ load }) => {
      const rounds = bench.isLong ? 5 : 1;
      const ended: number[] = [];
      for (let round = 0; round < rounds; round++) {
        await command(STOP);
        const away = delay(AWAY_MS);
        try {
          ended.push(await endedOf(load));
          await away;
        } finally {
          await command(START);
        }
        await delay(500);
      }
      const fewest = Math.min(...ended);
      assert.ok(fewest >= ENDED_MIN, `${fewest} of ${PROBES} operations ended while one node was away`);
      return { "away ms": AWAY_MS, "ended while away": `${fewest} of ${PROBES}` };
    }),
};

async function command(text = ""): Promise<void> {
  await promisify(execFile)("sh", ["-c", text]);
}

/** Starts operations at the same time. @returns how many were seen done before the node is back */
async function endedOf(load: Load): Promise<number> {
  const over = AbortSignal.timeout(AWAY_MS);
  const probes = Array.from({ length: PROBES }, async (_, index) => {
    try {
      const name = await start(load, `probe ${index}`, over);
      const wait = await fetch(`${load.url()}/v1/${name}:wait?timeout=5s`, { method: "POST", signal: over });
      return ((await wait.json()) as { readonly done?: boolean }).done === true;
    } catch {
      return false;
    }
  });
  return (await Promise.all(probes)).filter(Boolean).length;
}

/**
 * @returns the name of the started operation. @throws {Error} if its shard is on the node that is
 *   away
 */
async function start(load: Load, text: string, signal: AbortSignal): Promise<string> {
  const body = JSON.stringify({ text, durationMs: 1 });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${load.url()}/v1/projects/probes:work`, {
    method: "POST",
    body,
    headers,
    signal,
  });
  const { name } = (await answer.json()) as { readonly name?: string };
  if (name === undefined) throw new Error(text);
  return name;
}
