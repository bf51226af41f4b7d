import { setTimeout as delay } from "node:timers/promises";
import type { Fault } from "../fault.ts";

/** All traffic with PostgreSQL is delayed: 50 ms each way, then 200 ms. */
export const networkDelay: Fault = {
  name: "network-delay",
  stores: ["postgres", "citus"],
  run: (bench) =>
    bench.course({ proxied: true }, async ({ cluster: { members } }) => {
      for (const delayMs of [50, 200]) {
        for (const { proxy } of members) proxy.become("delay", delayMs);
        await delay(bench.isLong ? 20_000 : 1_500);
      }
      for (const { proxy } of members) proxy.become("pass");
      return { "late by ms": "50, 200" };
    }),
};
