import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/**
 * kill -9 of PostgreSQL's first process: nothing is flushed to the disk, and the next start
 * recovers from the log.
 */
export const databaseCrash: Fault = {
  name: "database-crash",
  stores: ["postgres"],
  run: (bench) =>
    bench.course({}, async ({ cluster }) => {
      const rounds = bench.isLong ? 10 : 2;
      for (let round = 0; round < rounds; round++) {
        await cluster.postgres.crash();
        await cluster.postgres.start();
        await delay(500 + bench.random.fraction() * 1_000);
      }
      return { crashes: rounds };
    }),
};
