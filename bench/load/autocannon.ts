import autocannon from "autocannon";
import type { Load, LoadGenerator } from "./load.ts";

/**
 * Uses autocannon if wrk is not installed. autocannon costs more CPU than the server under load, so
 * it limits the throughput.
 */
export const autocannonGenerator: LoadGenerator = {
  name: "autocannon",
  async run({ url, paths, connections, seconds, headers, body }: Load) {
    const method = body === undefined ? "GET" : "POST";
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const content = { headers: { ...headers, ...type }, ...(body === undefined ? {} : { body }) };
    const result = await autocannon({
      url,
      connections,
      duration: seconds,
      requests: shuffled(paths).map((path) => ({ method, path, ...content })),
    });
    const failures = result.non2xx + result.errors + result.timeouts;
    return { requests: result["2xx"], requestsPerSecond: result["2xx"] / result.duration, failures };
  },
};

/** In the order in which wrk's script visits them; at most as many as autocannon handles well. */
function shuffled(paths: readonly string[]): readonly string[] {
  return Array.from(
    { length: Math.min(paths.length, 10_000) },
    (_, index) => paths[(index * 7_919) % paths.length] ?? "",
  );
}
