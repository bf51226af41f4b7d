import { compare, type Comparison } from "../compare.ts";
import { call, type Measure, median, type Setting, startOperation } from "../measure.ts";
import { type Child, type PortKind, startPort } from "../processes/child.ts";

const CONNECTIONS = 64;

export const sharedPort: Measure = {
  name: "shared-port",
  title:
    "GET of a finished operation over the port that gRPC shares, against node:http with the same listener",
  async run(setting) {
    const { runs, rounds } = setting.size;
    // Processes of the same program differ by some per cent for their whole life, in each run
    // differently.
    const each = { ...setting, size: { ...setting.size, rounds: Math.ceil(rounds / runs) } };
    const comparisons: Comparison[] = [];
    for (let run = 0; run < runs; run++) comparisons.push(await compared(each));
    const of = (value: (comparison: Comparison) => number | undefined): number =>
      median(comparisons.map((comparison) => value(comparison) ?? Number.NaN));
    return {
      figures: {
        "requests/s": of(({ samples }) => samples[0]?.requestsPerSecond),
        "requests/s of node:http": of(({ samples }) => samples[2]?.requestsPerSecond),
        "CPU µs/request": of(({ samples }) => samples[0]?.microsecondsPerRequest),
        "CPU µs/request of node:http": of(({ samples }) => samples[2]?.microsecondsPerRequest),
        "CPU, times node:http": of(({ times }) => times(0, 2).microsecondsPerRequest),
        "CPU, times our port without gRPC": of(({ times }) => times(0, 1).microsecondsPerRequest),
        "throughput, share of our port without gRPC": of(({ times }) => times(0, 1).requestsPerSecond),
      },
      checks: [
        {
          what: "throughput, share of node:http",
          value: of(({ times }) => times(0, 2).requestsPerSecond),
          limit: 0.97,
          rule: "at least",
        },
      ],
      notes: [
        "Our port distinguishes HTTP/1.1 from HTTP/2 by the first bytes of a connection. With or without gRPC, it tracks the requests in progress, so that it can close after they are answered.",
      ],
    };
  },
};

async function compared(setting: Setting): Promise<Comparison> {
  await using shared = await portOf(setting, "shared");
  await using unshared = await portOf(setting, "unshared");
  await using own = await portOf(setting, "own");
  return await compare(setting, await Promise.all([shared, unshared, own].map(contestant)));
}

function portOf({ program }: Setting, kind: PortKind): Promise<Child> {
  return startPort(kind, [program.modules, program.methods, "sqlite::memory:"]);
}

async function contestant(child: Child) {
  const path = await startOperation(child.url, "echo", { text: "What was asked for comes back." });
  await call(child.url, `${path}:wait`, {});
  return { child, load: { paths: [path], connections: CONNECTIONS } };
}
