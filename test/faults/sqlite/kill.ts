import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/** kill -9 at random moments under load, repeatedly on the same file. */
export const sqliteKill: Fault = {
  name: "sqlite-kill",
  stores: ["sqlite"],
  run: (bench) =>
    bench.course({ serversDie: true }, async ({ cluster }) => {
      const rounds = bench.isLong ? 200 : 12;
      for (let round = 1; round <= rounds; round++) {
        for (const member of cluster.members) {
          await delay(20 + bench.random.fraction() * 300);
          await member.kill();
          await member.start();
        }
        if (round % 50 === 0) bench.told(`sqlite-kill: ${round} of ${rounds} rounds`);
      }
      return { rounds };
    }),
};
