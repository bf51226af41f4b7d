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
}

/** Puts one server under load once. @throws {Error} when a request failed */
async function sampleOf(
  generator: LoadGenerator,
  { child, load }: Contestant,
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

/**
 * Puts servers under load by turns, so that what disturbs the machine disturbs them all, each `runs` times after a warm-up.
 *
 * @returns the medians of each, in the order given
 */
export async function compare(
  { generator, size }: Setting,
  contestants: readonly Contestant[],
): Promise<readonly Sample[]> {
  const samples = contestants.map((): Sample[] => []);
  for (const contestant of contestants) await sampleOf(generator, contestant, 1);
  for (let run = 0; run < size.runs; run++) {
    for (const [index, contestant] of contestants.entries()) {
      samples[index]?.push(await sampleOf(generator, contestant, size.seconds));
    }
  }
  return samples.map(medians);
}

function medians(samples: readonly Sample[]): Sample {
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
