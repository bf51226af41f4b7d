import { setTimeout as delay } from "node:timers/promises";
import { LEASE_MS } from "../cluster.ts";
import type { Fault } from "../fault.ts";

/**
 * SIGSTOP of a worker for longer than its lease, while others take over its attempts; then SIGCONT.
 */
export const freezeWorker: Fault = {
  name: "freeze-worker",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({}, async ({ cluster }) => {
      const frozenMs = LEASE_MS * 2;
      const rounds = bench.isLong ? 3 : 1;
      for (let round = 0; round < rounds; round++) {
        for (const worker of bench.isLong ? cluster.workers : cluster.workers.slice(0, 1)) {
          const thaw = worker.freeze();
          await delay(frozenMs);
          thaw();
          await delay(bench.random.fraction() * 500);
        }
      }
      return { "frozen ms": frozenMs, "lease ms": LEASE_MS };
    }),
};
