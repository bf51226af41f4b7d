import { fsyncMs } from "../fsync.ts";
import { Connection } from "../load/connection.ts";
import { type Measure, median, quantile, type Setting, startServer } from "../measure.ts";
import type { Child } from "../processes/child.ts";

const BODY = JSON.stringify({ text: "What was asked for comes back." });

export const roundTrip: Measure = {
  name: "round-trip",
  title: "Start, run, and learn the result with :wait; 64 clients, and one client alone",
  async run(setting) {
    await using server = await startServer(setting);
    await roundTrips(server, 64, 1);
    const many: Trips[] = [];
    const alone: Trips[] = [];
    const disk: number[] = [];
    for (let run = 0; run < setting.size.runs; run++) {
      many.push(await roundTrips(server, 64, setting.size.seconds));
      disk.push(fsyncMs(setting.folder));
      alone.push(await roundTrips(server, 1, setting.size.seconds));
    }
    const fsync = median(disk);
    const aloneP50 = median(alone.map((each) => each.p50));
    return {
      figures: {
        "operations/s, 64 clients": median(many.map((each) => each.perSecond)),
        "p50 ms": median(many.map((each) => each.p50)),
        "p99 ms": median(many.map((each) => each.p99)),
        "CPU µs/operation": median(many.map((each) => each.microseconds)),
        "alone: operations/s": median(alone.map((each) => each.perSecond)),
        "alone: p50 ms": aloneP50,
        "alone: p99 ms": median(alone.map((each) => each.p99)),
        "alone: p50 ms of the start in it": median(alone.map((each) => each.startP50)),
        "the disk's fsync, p50 ms": fsync,
      },
      checks: [
        { what: "alone: p50 ms, 5 fsyncs + 1.5", value: aloneP50, limit: 5 * fsync + 1.5, rule: "at most" },
      ],
      notes: ["An operation takes two requests, a start and a wait, and the work of a third, the run."],
    };
  },
};

interface Trips {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly startP50: number;
  /** CPU time of the server for one operation. */
  readonly microseconds: number;
}

async function roundTrips(
  server: Child,
  clients: number,
  seconds: Setting["size"]["seconds"],
): Promise<Trips> {
  const connections = await Promise.all(Array.from({ length: clients }, () => Connection.open(server.url)));
  const [whole, started]: [number[], number[]] = [[], []];
  const before = await server.ask("cpu");
  const began = performance.now();
  await Promise.all(
    connections.map(async (connection) => {
      while (performance.now() - began < seconds * 1_000) {
        const start = performance.now();
        const operation = await connection.call("/v1:echo", { body: BODY });
        const { name } = JSON.parse(operation.body) as { readonly name: string };
        started.push(performance.now() - start);
        const done = await connection.call(`/v1/${name}:wait`, { body: "{}" });
        whole.push(performance.now() - start);
        if (!/"done": ?true/.test(done.body)) throw new Error(`${name} was not done: ${done.body}`);
      }
    }),
  );
  const elapsedMs = performance.now() - began;
  const after = await server.ask("cpu");
  for (const connection of connections) connection.close();
  return {
    perSecond: (whole.length / elapsedMs) * 1_000,
    p50: quantile(whole, 0.5),
    p99: quantile(whole, 0.99),
    startP50: quantile(started, 0.5),
    microseconds: (after.cpuMicroseconds - before.cpuMicroseconds) / whole.length,
  };
}
