import { setTimeout as delay } from "node:timers/promises";
import { LEASE_MS } from "../cluster.ts";
import type { Fault } from "../fault.ts";

/**
 * Half-open connections: PostgreSQL has lost its clients, whose writes go nowhere; or the clients
 * have lost PostgreSQL, which keeps their open transactions and, until its system notices, their
 * places among its connections. New connections work while there are places.
 */
export const networkHalfOpen: Fault = {
  name: "network-half-open",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({ proxied: true }, async ({ cluster: { members } }) => {
      const rounds = bench.isLong ? 5 : 1;
      for (let round = 0; round < rounds; round++) {
        for (const gone of ["server", "client"] as const) {
          for (const { proxy } of members) proxy.halfOpen(gone);
          await delay(LEASE_MS * 1.5);
          // Otherwise the rounds fill all connections of PostgreSQL for good. A single one does not.
          if (bench.isLong && gone === "client") for (const { proxy } of members) proxy.noticeLostClients();
        }
      }
      return { rounds };
    }),
};
