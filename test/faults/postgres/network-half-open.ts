import { setTimeout as delay } from "node:timers/promises";
import { LEASE_MS } from "../cluster.ts";
import type { Fault } from "../fault.ts";

/**
 * Connections that only one side believes in: PostgreSQL has lost its clients and they write into nothing; or the clients
 * have lost PostgreSQL, and what they had begun there is left as it was. New connections work all the time.
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
        }
      }
      return { rounds };
    }),
};
