import type { Load, LoadResult } from "./load.ts";
import { GrpcConnection, getRequest } from "./grpc-connection.ts";

/**
 * The load generator for gRPC, in a process of its own: it runs each load that its parent sends,
 * and sends back the result.
 */
export interface GrpcLoad extends Load {
  /** Calls in progress on each connection. */
  readonly streams: number;
}

process.on("message", (load: GrpcLoad) => {
  run(load).then(
    (result) => process.send?.(result),
    (error: unknown) => {
      throw error;
    },
  );
});

async function run({ url, paths, connections, streams, seconds }: GrpcLoad): Promise<LoadResult> {
  const requests = paths.map(getRequest);
  const opened = await Promise.all(Array.from({ length: connections }, () => GrpcConnection.open(url)));
  let [calls, failures, at] = [0, 0, 0];
  const began = performance.now();
  const endMs = began + seconds * 1_000;
  const stream = async (connection: GrpcConnection): Promise<void> => {
    while (performance.now() < endMs) {
      try {
        await connection.call("GetOperation", requests[at++ % requests.length] ?? Buffer.of());
        calls++;
      } catch {
        failures++;
      }
    }
  };
  await Promise.all(
    opened.flatMap((connection) => Array.from({ length: streams }, () => stream(connection))),
  );
  const elapsedMs = performance.now() - began;
  for (const connection of opened) connection.close();
  return { requests: calls, requestsPerSecond: (calls / elapsedMs) * 1_000, failures };
}
