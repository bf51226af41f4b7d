import assert from "node:assert/strict";
import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../src/core/ports/random.ts";
import { type Cluster, type Member, WIRE_LEASE_MS } from "./cluster.ts";
import type { Fault } from "./fault.ts";

/** How long a worker is away: longer than its lease, so that others run its operations. */
const AWAY_MS = WIRE_LEASE_MS * 1.3;
const REFUSED_MS = 700;

/**
 * Workers without the store. The answers to their claims and outcomes are lost; then all their
 * connections are cut, and refused for a while. Then, at the same time: one worker is frozen for
 * longer than its lease; the network of another one swallows everything in both directions for
 * longer than its lease, and then delivers it; each further worker and each server is killed.
 */
export const wire: Fault = {
  name: "wire",
  stores: ["sqlite", "postgres"],
  run: (bench) =>
    bench.course({ wire: true, serversDie: true }, async ({ cluster }) => {
      const { random, isLong } = bench;
      const rounds = isLong ? 10 : 1;
      let [lostBytes, kills] = [0, 0];
      for (let round = 0; round < rounds; round++) {
        for (const worker of cluster.workers) lostBytes += await loseAnswers(worker, random);
        await refuseAll(cluster);
        const [frozen, silent, ...others] = shuffled(cluster.workers, random);
        assert.ok(frozen !== undefined && silent !== undefined);
        const killed = [...others, ...cluster.servers];
        await Promise.all([freeze(frozen), silence(silent), killAll(killed, random)]);
        kills += killed.length;
        await delay(random.fraction() * 500);
      }
      assert.ok(lostBytes > 0, "no answer was lost");
      return { "bytes of lost answers": lostBytes, kills, "away ms": AWAY_MS, "lease ms": WIRE_LEASE_MS };
    }),
};

/**
 * The server executes the requests, but the worker does not get the answers. @returns the lost
 * answers, in bytes
 */
async function loseAnswers({ proxy }: Member, random: Random): Promise<number> {
  const before = proxy.kept;
  proxy.become("deaf");
  await delay(200 + random.fraction() * 400);
  const lost = proxy.kept - before;
  proxy.cut();
  proxy.become("pass");
  return lost;
}

async function refuseAll({ workers }: Cluster): Promise<void> {
  for (const { proxy } of workers) {
    proxy.become("refuse");
    proxy.cut();
  }
  await delay(REFUSED_MS);
  for (const { proxy } of workers) proxy.become("pass");
}

async function freeze(worker: Member): Promise<void> {
  const thaw = worker.freeze();
  await delay(AWAY_MS);
  thaw();
}

async function silence({ proxy }: Member): Promise<void> {
  proxy.become("hole");
  await delay(AWAY_MS);
  proxy.become("pass");
}

async function killAll(members: readonly Member[], random: Random): Promise<void> {
  for (const member of members) {
    await delay(random.fraction() * 500);
    await member.kill();
    await delay(random.fraction() * 200);
    await member.start();
  }
}

function shuffled(members: readonly Member[], random: Random): readonly Member[] {
  return members
    .map((member) => ({ member, at: random.fraction() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ member }) => member);
}
