import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/** kill -9 of one API server after another, each started again at once. */
export const killServers: Fault = {
  name: "kill-servers",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({ serversDie: true }, async ({ cluster }) => {
      const rounds = bench.isLong ? 20 : 1;
      for (let round = 0; round < rounds; round++) {
        for (const member of cluster.servers) {
          await member.kill();
          await member.start();
          await delay(bench.random.fraction() * 300);
        }
      }
      return { kills: rounds * cluster.servers.length };
    }),
};
