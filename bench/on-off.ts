import { startPostgres } from "../test/support/postgres.ts";
import { compare, type Sample } from "./compare.ts";
import { type Setting, startServer } from "./measure.ts";

const BODY = JSON.stringify({ text: "What was asked for comes back." });

/**
 * The cost of a server's flags, compared with other flags. The server starts, runs and ends
 * operations for 64 clients.
 */
export interface OnAgainstOff {
  readonly figures: Readonly<Record<string, number>>;
  /** The throughput with the first flags as a multiple of that with the second, by store. */
  readonly throughput: readonly (readonly [store: string, times: number])[];
}

/** Compares both on both stores: two servers take turns, each with a store of its own. */
export async function onAgainstOff(
  setting: Setting,
  flags: { readonly on: readonly string[]; readonly off: readonly string[] },
): Promise<OnAgainstOff> {
  await using server = await startPostgres();
  const figures: Record<string, number> = {};
  const throughput: [string, number][] = [];
  for (const [name, aStore] of [
    ["SQLite", async () => ({})],
    ["PostgreSQL", async () => ({ store: await server.createDatabase() })],
  ] as const) {
    await using on = await startServer(setting, { flags: flags.on, ...(await aStore()) });
    await using off = await startServer(setting, { flags: flags.off, ...(await aStore()) });
    const load = { paths: ["/v1:echo"], connections: 64, body: BODY };
    const { samples, times } = await compare(setting, [
      { child: on, load },
      { child: off, load },
    ]);
    const [sampleOn, sampleOff] = samples as [Sample, Sample];
    figures[`${name}: operations/s on`] = sampleOn.requestsPerSecond;
    figures[`${name}: operations/s off`] = sampleOff.requestsPerSecond;
    figures[`${name}: CPU µs/operation on`] = sampleOn.microsecondsPerRequest;
    figures[`${name}: CPU µs/operation off`] = sampleOff.microsecondsPerRequest;
    figures[`${name}: CPU, times off`] = times(0, 1).microsecondsPerRequest;
    throughput.push([name, times(0, 1).requestsPerSecond]);
  }
  return { figures, throughput };
}
