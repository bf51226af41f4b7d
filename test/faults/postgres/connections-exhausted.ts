import { setTimeout as delay } from "node:timers/promises";
import { CONNECTIONS_MAX } from "../bench.ts";
import type { Fault } from "../fault.ts";
import { administrator } from "./administrator.ts";

/**
 * Other clients take every connection of PostgreSQL: the service's connections are ended, and taken
 * before the service can reconnect. Then the other clients leave.
 */
export const connectionsExhausted: Fault = {
  name: "connections-exhausted",
  stores: ["postgres"],
  run: (bench) =>
    bench.course({}, async ({ cluster }) => {
      const first = administrator(cluster.store);
      const rest = Array.from({ length: CONNECTIONS_MAX - 1 }, () => administrator(cluster.store));
      const over = new AbortController();
      try {
        await first`select 1`;
        const holding = rest.map((sql) => hold(sql, over.signal));
        const until = performance.now() + (bench.isLong ? 15_000 : 4_000);
        while (performance.now() < until) {
          await endService(first);
          await delay(100);
        }
        over.abort();
        const held = 1 + (await Promise.all(holding)).filter(Boolean).length;
        return { "connections held": held, "connections there are": CONNECTIONS_MAX };
      } finally {
        over.abort();
        await Promise.all([first, ...rest].map((sql) => sql.end({ timeout: 1 })));
      }
    }),
};

/** Tries until it has a connection, and keeps it. @returns whether it got one in time */
async function hold(sql: ReturnType<typeof administrator>, over: AbortSignal): Promise<boolean> {
  while (!over.aborted) {
    const got = await sql`select 1`.then(
      () => true,
      () => false,
    );
    if (got) return true;
    await delay(5);
  }
  return false;
}

/** Ends every connection of the service. */
async function endService(sql: ReturnType<typeof administrator>): Promise<void> {
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name <> 'faults' and pid <> pg_backend_pid()`;
}
