import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/**
 * PostgreSQL is stopped as an operator does, and started again: soon; after longer than a lease;
 * and in the long form after longer than any call may take.
 */
export const databaseRestart: Fault = {
  name: "database-restart",
  stores: ["postgres"],
  run: (bench) =>
    bench.course({}, async ({ cluster }) => {
      const away = bench.isLong ? [100, 3_000, 500, 11_000, 1_000, 30_000] : [200, 5_000];
      for (const awayMs of away) {
        await cluster.postgres.stop();
        await delay(awayMs);
        await cluster.postgres.start();
        await delay(500 + bench.random.fraction() * 500);
      }
      return { restarts: away.length };
    }),
};
