import type { ServerProcess } from "../support/server-process.ts";
import { fuzzGrpc } from "./grpc.ts";
import { checkHealth, findTargets } from "./health.ts";
import { Watch } from "./watch.ts";

/** After this many cases, the server must answer a normal request. */
const CHECK_EVERY = 1_000;

/**
 * Attacks the gRPC half of a server's port.
 *
 * @returns the problems that were found; none if all is well
 */
export async function grpcCampaign(options: {
  readonly server: ServerProcess;
  readonly seed: number;
  readonly requests: number;
  readonly told: (line: string) => void;
}): Promise<readonly string[]> {
  const { server, seed, requests, told } = options;
  const port = Number(new URL(server.url).port);
  const watch = new Watch(server, requests);
  const counts = new Map<string, number>();
  const problems: string[] = [];
  const began = performance.now();
  for (let from = 0; from < requests && problems.length < 10 && !watch.dead; from += CHECK_EVERY) {
    const { names } = await findTargets(server.url);
    const cases = Math.min(CHECK_EVERY, requests - from);
    const report = await fuzzGrpc({ port, seed, cases, from, names });
    for (const [status, count] of report.counts) counts.set(status, (counts.get(status) ?? 0) + count);
    problems.push(...report.problems, ...watch.problems());
    if (!watch.dead) {
      await checkHealth(server.url).catch((error: unknown) => problems.push(String(error)));
    }
    watch.sample(from + cases);
    if ((from + cases) % 10_000 === 0) told(`${from + cases} cases, ${watch.memory()}`);
  }
  const growth = watch.growth();
  if (growth !== undefined) problems.push(growth);
  const seconds = (performance.now() - began) / 1_000;
  const statuses = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
  told(`${requests} cases in ${seconds.toFixed(0)} s, ${watch.memory()}`);
  told(`answers: ${statuses.map(([status, count]) => `${status}: ${count}`).join(", ")}`);
  return problems;
}
