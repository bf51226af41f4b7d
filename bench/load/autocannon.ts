import autocannon, { type Request } from "autocannon";
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
    const requests: Request[] = shuffled(paths).map((path) => ({ method, path, ...content }));
    let opened = 0;
    const result = await autocannon({
      url,
      connections,
      duration: seconds,
      requests: requests.slice(0, 1),
      // Each connection encodes its requests before the first is sent: all of them on each would
      // take longer than the load itself.
      setupClient: (client) => {
        const first = opened++;
        const own = requests.filter((_, index) => index % connections === first % connections);
        if (own.length > 0) client.setRequests(own);
      },
    });
    const failures = result.non2xx + result.errors + result.timeouts;
    return { requests: result["2xx"], requestsPerSecond: result["2xx"] / result.duration, failures };
  },
};

/** In the order in which wrk's script visits them. */
function shuffled(paths: readonly string[]): readonly string[] {
  return paths.map((_, index) => paths[(index * 7_919) % paths.length] ?? "");
}
