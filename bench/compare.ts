import type { Load, LoadGenerator } from "./load/load.ts";
import { median, type Setting } from "./measure.ts";
import { type BareAnswer, type Child, startBare } from "./processes/child.ts";

/** What a server did under a load. */
export interface Sample {
  readonly requestsPerSecond: number;
  /** CPU time of the server's whole process: noise and a slow generator cannot fake it. */
  readonly microsecondsPerRequest: number;
}

/** A server and the load that it is put under. */
interface Contestant {
  readonly child: Child;
  readonly load: Omit<Load, "url" | "seconds">;
  /** What makes the load. @default that of the setting, over HTTP/1.1 */
  readonly generator?: LoadGenerator;
}

/** Puts one server under load once. @throws {Error} when a request failed */
async function sampleOf(
  usual: LoadGenerator,
  { child, load, generator = usual }: Contestant,
  seconds: number,
): Promise<Sample> {
  const before = await child.ask("cpu");
  const result = await generator.run({ ...load, url: child.url, seconds });
  const after = await child.ask("cpu");
  if (result.failures > 0) throw new Error(`${result.failures} requests failed: ${load.paths[0]}`);
  return {
    requestsPerSecond: result.requestsPerSecond,
    microsecondsPerRequest: (after.cpuMicroseconds - before.cpuMicroseconds) / result.requests,
  };
}

/** What several servers did, taken by turns. */
export interface Comparison {
  /** Medians over all turns, in the order of the contestants. */
  readonly samples: readonly Sample[];
  /** What one did as a multiple of what another did in the same turn, by their places; the median over all turns. */
  readonly times: (one: number, other: number) => Sample;
}

/**
 * Puts servers under load by turns, so that what disturbs the machine disturbs them all, after a warm-up of each.
 *
 * Every second turn goes the other way round: who comes first gains nothing.
 */
export async function compare(
  { generator, size }: Setting,
  contestants: readonly Contestant[],
): Promise<Comparison> {
  const turns: (readonly Sample[])[] = [];
  const order = [...contestants.keys()];
  for (const contestant of contestants) await sampleOf(generator, contestant, size.warmUpSeconds);
  for (let round = 0; round < size.rounds; round++) {
    const turn: Sample[] = [];
    for (const index of order) {
      turn[index] = await sampleOf(generator, contestants[index] as Contestant, size.seconds);
    }
    turns.push(turn);
    order.reverse();
  }
  const at = (turn: readonly Sample[], index: number): Sample => turn[index] as Sample;
  return {
    samples: order.toSorted((a, b) => a - b).map((index) => medianOf(turns.map((turn) => at(turn, index)))),
    times: (one, other) => medianOf(turns.map((turn) => quotient(at(turn, one), at(turn, other)))),
  };
}

function quotient(one: Sample, other: Sample): Sample {
  return {
    requestsPerSecond: one.requestsPerSecond / other.requestsPerSecond,
    microsecondsPerRequest: one.microsecondsPerRequest / other.microsecondsPerRequest,
  };
}

/** The medians of each figure. */
export function medianOf(samples: readonly Sample[]): Sample {
  return {
    requestsPerSecond: median(samples.map((each) => each.requestsPerSecond)),
    microsecondsPerRequest: median(samples.map((each) => each.microsecondsPerRequest)),
  };
}

/** Headers that `node:http` adds by itself. */
const OWN_HEADERS = new Set(["connection", "date", "keep-alive", "transfer-encoding"]);

/** Bare `node:http` that answers what `url` answers, byte for byte apart from the date. */
export async function bareTwin(url: string, post?: { readonly body: string }): Promise<Child> {
  const headers = { "content-type": "application/json", "accept-encoding": "identity" };
  const response = await fetch(url, post === undefined ? { headers } : { ...post, method: "POST", headers });
  const answer: BareAnswer = {
    headers: Object.fromEntries([...response.headers].filter(([name]) => !OWN_HEADERS.has(name))),
    body: await response.text(),
    parses: post !== undefined,
  };
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}: ${answer.body}`);
  return startBare(answer);
}
