import type { Check, Measure } from "../measure.ts";
import { onAgainstOff } from "../on-off.ts";

export const statistics: Measure = {
  name: "statistics",
  title: "Operations started, run and ended, 64 clients, with statistics on against off",
  async run(setting) {
    const { figures, throughput } = await onAgainstOff(setting, { on: [], off: ["--no-statistics"] });
    return {
      figures,
      checks: throughput.map(([store, value]): Check => {
        return { what: `${store}: throughput, share of off`, value, limit: 0.97, rule: "at least" };
      }),
      notes: ["The same process answers callers and runs what they start. It reports every ten seconds."],
    };
  },
};
