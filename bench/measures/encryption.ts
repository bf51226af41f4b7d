import { startPostgres } from "../../test/support/postgres.ts";
import { compare, type Comparison, type Sample } from "../compare.ts";
import { type Measure, type Setting, startServer } from "../measure.ts";

const BODY = JSON.stringify({ text: "What was asked for comes back." });
const ON = ["--kek", "exec:head -c 32 /dev/zero"];

export const encryption: Measure = {
  name: "encryption",
  title: "Operations started, run and ended, 64 clients, with payloads encrypted against not",
  async run(setting) {
    await using server = await startPostgres();
    const found = {
      SQLite: await onAgainstOff(setting, async () => undefined),
      PostgreSQL: await onAgainstOff(setting, () => server.createDatabase()),
    };
    const figures: Record<string, number> = {};
    for (const [name, { samples, times }] of Object.entries(found)) {
      const [on, off] = samples as [Sample, Sample];
      figures[`${name}: operations/s on`] = on.requestsPerSecond;
      figures[`${name}: operations/s off`] = off.requestsPerSecond;
      figures[`${name}: CPU µs/operation on`] = on.microsecondsPerRequest;
      figures[`${name}: CPU µs/operation off`] = off.microsecondsPerRequest;
      figures[`${name}: CPU, times off`] = times(0, 1).microsecondsPerRequest;
    }
    return {
      figures,
      checks: [],
      notes: ["The same process answers callers and runs what they start. Request and response are sealed."],
    };
  },
};

/** Two servers by turns, each on a store of its own. */
async function onAgainstOff(
  setting: Setting,
  aStore: () => Promise<string | undefined>,
): Promise<Comparison> {
  const started = async (flags: readonly string[]) => {
    const store = await aStore();
    return startServer(setting, { flags, ...(store === undefined ? {} : { store }) });
  };
  await using on = await started(ON);
  await using off = await started([]);
  const load = { paths: ["/v1:echo"], connections: 64, body: BODY };
  return await compare(setting, [
    { child: on, load },
    { child: off, load },
  ]);
}
