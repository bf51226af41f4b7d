import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/**
 * kill -9 of one worker after another, each started again at once. Their attempts continue
 * elsewhere after their leases expire.
 */
export const killWorkers: Fault = {
  name: "kill-workers",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({}, async ({ cluster }) => {
      const rounds = bench.isLong ? 20 : 1;
      for (let round = 0; round < rounds; round++) {
        for (const member of cluster.workers) {
          await member.kill();
          await member.start();
          await delay(bench.random.fraction() * 300);
        }
      }
      return { kills: rounds * cluster.workers.length };
    }),
};
