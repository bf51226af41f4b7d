import type { Measure } from "../measure.ts";
import { onAgainstOff } from "../on-off.ts";

export const encryption: Measure = {
  name: "encryption",
  title: "Operations started, run and ended, 64 clients, with payloads encrypted against not",
  async run(setting) {
    const on = ["--kek", "exec:head -c 32 /dev/zero"];
    const { figures } = await onAgainstOff(setting, { on, off: [] });
    return {
      figures,
      checks: [],
      notes: ["The same process answers callers and runs what they start. Request and response are sealed."],
    };
  },
};
