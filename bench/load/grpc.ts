import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { GrpcLoad } from "./grpc-process.ts";
import type { LoadGenerator, LoadResult } from "./load.ts";

const PROCESS = fileURLToPath(new URL("./grpc-process.ts", import.meta.url));

/**
 * Makes load over gRPC, with `@grpc/grpc-js` in one process that is kept for all loads: it is warm as the servers are. The
 * paths are those of operations as REST has them; GetOperation is called with their names.
 *
 * @param streams calls under way on each connection
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
