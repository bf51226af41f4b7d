import type { Clock } from "../core/ports/clock.ts";
import type { WorkerCalls } from "../core/ports/worker-calls.ts";
import { isGrpcAddress } from "./grpc/address.ts";
import { RestWorkerCalls } from "./rest/worker-calls.ts";
import type { Sending } from "./rest/answer.ts";
import type { HeaderSource } from "./transport.ts";

/**
 * The calls of a worker to a server, over REST or gRPC according to its address. The gRPC code is
 * loaded only if needed.
 *
 * @param server such as `http://127.0.0.1:8080` or `grpc://127.0.0.1:8080`
 * @throws {TypeError} for an invalid address
 */
export async function connectWorker(
  server: string,
  options: {
    readonly clock: Clock;
    readonly headers: HeaderSource;
    /** For calls over REST, which close it with themselves. */
    readonly sending: Sending;
    /** Certificate authorities for gRPC, as PEM. @default the well-known ones */
    readonly authorities?: string | undefined;
  },
): Promise<WorkerCalls> {
  if (!isGrpcAddress(server)) return new RestWorkerCalls(server, options);
  const { GrpcWorkerCalls } = await import("./grpc/worker-calls.ts");
  return new GrpcWorkerCalls(server, options);
}
