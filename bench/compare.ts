import type { Load, LoadGenerator } from "./load/load.ts";
import { median, type Setting } from "./measure.ts";
import { type BareAnswer, type Child, startBare } from "./processes/child.ts";

/** The performance of a server under a load. */
export interface Sample {
  readonly requestsPerSecond: number;
  /**
   * CPU time of the server's whole process: other programs and a slow generator cannot distort it.
   */
  readonly microsecondsPerRequest: number;
}

/** A server and the load that it gets. */
interface Contestant {
  readonly child: Child;
  readonly load: Omit<Load, "url" | "seconds">;
  /** The generator of the load. @default the setting's generator, over HTTP/1.1 */
  readonly generator?: LoadGenerator;
}

/** Runs one load on one server. @throws {Error} if a request failed */
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

/** The performance of several servers that took turns. */
export interface Comparison {
  /** Medians over all turns, in the order of the contestants. */
  readonly samples: readonly Sample[];
  /**
   * A contestant's figures as multiples of another's in the same turn, given both indexes; medians
   * over all turns.
   */
  readonly times: (one: number, other: number) => Sample;
}

/**
 * Warms each server up, then loads the servers in turns, so that disturbances of the machine affect
 * all of them.
 *
 * Every second turn runs in reverse order, so that no server gains from its position.
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

/**
 * A bare `node:http` server that gives the same answer as `url`, byte for byte apart from the date.
 */
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
