import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/**
 * Connections to PostgreSQL are reset, first those of one process after another, then all at once;
 * new ones are refused for a while.
 */
export const networkCut: Fault = {
  name: "network-cut",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({ proxied: true }, async ({ cluster: { members } }) => {
      const rounds = bench.isLong ? 10 : 2;
      let cuts = 0;
      for (let round = 0; round < rounds; round++) {
        for (const { proxy } of members) {
          cuts += proxy.connections;
          proxy.cut();
          await delay(bench.random.fraction() * 200);
        }
        for (const { proxy } of members) {
          cuts += proxy.connections;
          proxy.become("refuse");
          proxy.cut();
        }
        await delay(1_000);
        for (const { proxy } of members) proxy.become("pass");
        await delay(500);
      }
      return { cuts };
    }),
};
