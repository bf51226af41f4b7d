import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";
import { administrator } from "./administrator.ts";

/**
 * A series of pg_terminate_backend calls: the service's connections are ended one after another,
 * sometimes all at once.
 */
export const terminateBackends: Fault = {
  name: "terminate-backends",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({}, async ({ cluster }) => {
      const sql = administrator(cluster.store);
      let ended = 0;
      try {
        const until = performance.now() + (bench.isLong ? 30_000 : 4_000);
        while (performance.now() < until) {
          const most = bench.random.fraction() < 0.1 ? 1_000 : 1;
          const rows = await sql`
            select pg_terminate_backend(pid) as ended from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
            order by random() limit ${most}`;
          ended += rows.length;
          await delay(20 + bench.random.fraction() * 60);
        }
      } finally {
        await sql.end();
      }
      return { "connections ended": ended };
    }),
};
