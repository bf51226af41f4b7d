import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { GrpcLoad } from "./grpc-process.ts";
import type { LoadGenerator, LoadResult } from "./load.ts";

const PROCESS = fileURLToPath(new URL("./grpc-process.ts", import.meta.url));

/**
 * Makes load over gRPC with `@grpc/grpc-js`. One process serves all loads, so it is as warm as the
 * servers. The paths are REST paths of operations; GetOperation is called with the names in them.
 *
 * @param streams calls in progress on each connection
 */
export function startGrpcGenerator(streams: number): LoadGenerator & AsyncDisposable {
  const child = fork(PROCESS, { stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = once(child, "exit");
  const died = ended.then(() => Promise.reject(new Error("The load generator ended")));
  died.catch(() => undefined);
  return {
    name: "@grpc/grpc-js",
    async run(load) {
      const answered = once(child, "message");
      child.send({ ...load, streams } satisfies GrpcLoad);
      const [result] = (await Promise.race([answered, died])) as [LoadResult];
      return result;
    },
    async [Symbol.asyncDispose]() {
      child.kill();
      await ended;
    },
  };
}
