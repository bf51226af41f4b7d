import { setTimeout as delay } from "node:timers/promises";
import { LEASE_MS, type Member } from "../cluster.ts";
import type { Fault } from "../fault.ts";

/** How long one server is cut off: longer than any call may take. */
const SERVER_HOLE_MS = 12_000;

/**
 * The network to PostgreSQL silently swallows everything: for an API server; for a worker, for
 * longer than its lease; for the other API servers only the answers, so that commits happen without
 * their knowledge; and then for all processes.
 */
export const networkHole: Fault = {
  name: "network-hole",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({ proxied: true }, async ({ cluster }) => {
      const holeMs = LEASE_MS * 1.5;
      const [worker, server, another] = [
        cluster.workers.slice(0, 1),
        cluster.servers.slice(0, 1),
        cluster.servers.slice(1),
      ];
      const rounds = bench.isLong ? 3 : 1;
      for (let round = 0; round < rounds; round++) {
        await Promise.all([
          hole(server, "hole", SERVER_HOLE_MS),
          hole(worker, "hole", holeMs),
          hole(another, "deaf", holeMs),
        ]);
        await delay(500);
        await hole(cluster.members, "hole", holeMs);
        await delay(500);
      }
      return { "a server's hole ms": SERVER_HOLE_MS, "others' hole ms": holeMs, "lease ms": LEASE_MS };
    }),
};

async function hole(members: readonly Member[], mode: "hole" | "deaf", forMs: number): Promise<void> {
  for (const { proxy } of members) proxy.become(mode);
  await delay(forMs);
  for (const { proxy } of members) proxy.become("pass");
}
