import { fileURLToPath } from "node:url";
import { REDIS_PROTOS } from "../support/descriptors.ts";
import { clientTest, RUBY_CLIENT } from "./installed-client.ts";
import { runProgram } from "./program.ts";
import { ProtoService } from "./proto-service.ts";

/** Debian's ruby-google-api-client, with its own classes of Cloud Redis. The script checks; see `ruby/`. */
clientTest(
  RUBY_CLIENT,
  "Ruby creates, updates, fails, cancels and deletes in Cloud Redis",
  async (_, ruby) => {
    await using service = await ProtoService.start("redis-handlers.ts", REDIS_PROTOS);
    const script = fileURLToPath(new URL("./ruby/cloud_redis.rb", import.meta.url));
    await runProgram(ruby, [script, service.url], ["google-api-client (Ruby) REST"]);
  },
);
