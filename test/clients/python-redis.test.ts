import { fileURLToPath } from "node:url";
import { REDIS_PROTOS } from "../support/descriptors.ts";
import { clientTest, PYTHON_CLOUD } from "./installed-client.ts";
import { runProgram } from "./program.ts";
import { ProtoService } from "./proto-service.ts";

/** Google's current Python clients of Cloud Redis, and google-api-core. The scripts check; see `python/`. */
const script = (name: string): string => fileURLToPath(new URL(`./python/${name}`, import.meta.url));

clientTest(PYTHON_CLOUD, "Python's client of Cloud Redis over gRPC, REST and asyncio", async (_, python) => {
  await using service = await ProtoService.start("redis-handlers.ts", REDIS_PROTOS);
  await runProgram(
    python,
    [script("cloud_redis.py"), service.url],
    [
      "google-cloud-redis (Python) gRPC",
      "google-api-core (Python) gRPC",
      "google-cloud-redis (Python) REST",
      "google-api-core (Python) REST",
      "google-cloud-redis (Python) gRPC, asyncio",
    ],
  );
});

clientTest(PYTHON_CLOUD, "Python's discovery client with Google's own document", async (_, python) => {
  await using service = await ProtoService.start("redis-handlers.ts", REDIS_PROTOS);
  const expected = ["google-api-python-client (Python) REST"];
  await runProgram(python, [script("discovery_redis.py"), service.url], expected);
});
