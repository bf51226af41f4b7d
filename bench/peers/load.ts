import { Connection } from "../load/connection.ts";
import { quantile } from "../measure.ts";
import { type Running, TEXT } from "./peer.ts";

/** A load: a number of callers, each with one operation at a time. */
export interface Load {
  readonly callers: number;
  readonly seconds: number;
}

/** The result of a load. An operation counts when its caller has seen the result. */
export interface Loaded {
  readonly operations: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** No operation takes longer, unless it never ends. */
const PATIENCE_MS = 30_000;

/**
 * @throws {Error} if an answer is not a 200, is not the result, or takes more than half a minute
 */
export async function run(
  running: Pick<Running, "urls" | "calls">,
  { callers, seconds }: Load,
): Promise<Loaded> {
  const { urls } = running;
  const connections = await Promise.all(
    Array.from({ length: callers }, (_, index) => Connection.open(urls[index % urls.length] ?? "")),
  );
  const took: number[] = [];
  const began = performance.now();
  const callUntilOver = async (connection: Connection): Promise<void> => {
    while (performance.now() - began < seconds * 1_000) {
      const start = performance.now();
      await operate(connection, running);
      took.push(performance.now() - start);
    }
  };
  const patience = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => patience.reject(new Error("A caller waits for half a minute already")),
    seconds * 1_000 + PATIENCE_MS,
  );
  try {
    await Promise.race([Promise.all(connections.map(callUntilOver)), patience.promise]);
  } finally {
    clearTimeout(timer);
    for (const connection of connections) connection.close();
  }
  const elapsedMs = performance.now() - began;
  return {
    operations: took.length,
    perSecond: (took.length / elapsedMs) * 1_000,
    p50Ms: quantile(took, 0.5),
    p99Ms: quantile(took, 0.99),
  };
}

async function operate(connection: Connection, { calls }: Pick<Running, "calls">): Promise<void> {
  const started = await connection.call(calls.start.path, calls.start);
  if (started.status < 200 || started.status > 299)
    throw new Error(`A start was answered with ${started.status}: ${started.body}`);
  const wait = calls.wait(started.body);
  const known = await connection.call(wait.path, wait);
  if (known.status !== 200 || !known.body.includes(TEXT))
    throw new Error(`What was to be the result is ${known.status}: ${known.body}`);
}
