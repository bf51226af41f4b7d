import { REDIS_PROTOS } from "../support/descriptors.ts";
import { buildGo } from "./go.ts";
import { clientTest, GO } from "./installed-client.ts";
import { runProgram } from "./program.ts";
import { ProtoService } from "./proto-service.ts";

/** Google's Go clients of Cloud Redis and of operations, over gRPC and REST. The program checks; see `go/redis`. */
clientTest(GO, "Go creates, resumes, updates, fails, cancels and deletes in Cloud Redis", async (t, go) => {
  await using service = await ProtoService.start("redis-handlers.ts", REDIS_PROTOS);
  const client = await buildGo(t, go, "redis", service.folder);
  if (client === undefined) return;
  await runProgram(
    client,
    [service.url],
    ["gRPC", "REST"].flatMap((transport) => [
      `cloud.google.com/go/redis ${transport}`,
      `cloud.google.com/go/longrunning ${transport}`,
    ]),
  );
});
