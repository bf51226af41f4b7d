import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { fromBinary } from "@bufbuild/protobuf";
import type { CloudRedisClient, protos } from "@google-cloud/redis";
import type { GoogleError } from "google-gax";
import { ErrorInfoSchema } from "../../src/wire/gen/google/rpc/error_details_pb.ts";
import { connectRedis } from "./redis-client.ts";
import { type ProtoService, startRedis } from "./proto-service.ts";
import { tell } from "./report/facts.ts";
import { npmVersion } from "./program.ts";

/**
 * Google's own client library for Cloud Redis, unmodified. It was generated from protos that we did
 * not write, and uses the service of examples/redis over both transports.
 *
 * @see contract sections 1.6, 6.3, 7
 */
const RESUME = fileURLToPath(new URL("./redis-resume.ts", import.meta.url));
const PARENT = "projects/p/locations/l";
const run = promisify(execFile);

type Instance = protos.google.cloud.redis.v1.IInstance;
type Metadata = protos.google.cloud.redis.v1.IOperationMetadata;

describe("npm @google-cloud/redis", () => {
  let server: ProtoService;
  before(async () => {
    server = await startRedis();
  });
  after(() => server[Symbol.asyncDispose]());

  for (const transport of ["gRPC", "REST"] as const) {
    const id = transport.toLowerCase();
    const told = { client: "@google-cloud/redis", version: npmVersion("@google-cloud/redis"), transport };
    describe(`over ${transport}`, () => {
      let client: CloudRedisClient;
      before(() => (client = connectRedis(server.url, transport === "REST")));
      after(() => client.close());
      const create = (instanceId: string, memorySizeGb: number) =>
        client.createInstance({ parent: PARENT, instanceId, instance: { tier: "BASIC", memorySizeGb } });

      it("creates, and resolves with the typed resource and metadata", async () => {
        const [operation] = await create(`made-${id}`, 1);
        assert.match(operation.name ?? "", /^projects\/p\/locations\/l\/operations\//);
        const [instance, metadata] = (await operation.promise()) as unknown as [Instance, Metadata];
        assert.equal(instance.name, `${PARENT}/instances/made-${id}`);
        assert.deepEqual([instance.port, instance.memorySizeGb], [6379, 1]);
        assert.deepEqual(
          [metadata.verb, metadata.target, metadata.apiVersion],
          ["create", `${PARENT}/instances/made-${id}`, "v1"],
        );
        assert.ok(Number(metadata.createTime?.seconds) > 1_700_000_000);
        assert.ok(Number(metadata.endTime?.seconds) >= Number(metadata.createTime?.seconds));
        tell({ ...told, calls: ["start", "result"] });
      });

      it("calls RPCs that are answered at once, and reads their refusals", async () => {
        const [instance] = await client.getInstance({ name: `${PARENT}/instances/made-${id}` });
        assert.equal(instance.memorySizeGb, 1);
        const [all] = await client.listInstances({ parent: PARENT });
        assert.ok(all.some(({ name }) => name === instance.name));
        await assert.rejects(
          client.getInstance({ name: `${PARENT}/instances/none` }),
          (error: GoogleError) => {
            assert.equal(error.code, 5);
            assert.equal(error.reason, "INSTANCE_NOT_FOUND");
            return true;
          },
        );
      });

      it("learns which REQUIRED fields are missing (AIP-203)", async () => {
        const incomplete = client.createInstance({ parent: PARENT, instanceId: "x" });
        await assert.rejects(incomplete, (error: GoogleError) => {
          assert.equal(error.code, 3);
          assert.match(error.message, /instance(?:\.\w+)?: is required/);
          return true;
        });
      });

      it("rejects with the failure of an operation, its code and its details", async () => {
        const [operation] = await create(`large-${id}`, 500);
        await assert.rejects(operation.promise(), (error: GoogleError) => {
          assert.equal(error.code, 8);
          assert.match(error.message, /No machine has that much memory/);
          return true;
        });
        // gax hides details, except those of the operation itself.
        const { error } = operation.latestResponse as { error?: { details?: { value?: unknown }[] } };
        const reasons = (error?.details ?? []).map(
          ({ value }) => fromBinary(ErrorInfoSchema, value as Uint8Array).reason,
        );
        // Over REST, only details that its protos contain: with any other, the client takes the
        // answer for UNAVAILABLE, and retries.
        assert.deepEqual(reasons, transport === "gRPC" ? ["MEMORY_EXHAUSTED"] : []);
        tell({
          ...told,
          calls: [],
          errors: "call: `GoogleError` with `reason`; operation: `GoogleError` with `code`",
        });
      });

      it("cancels", async () => {
        const [operation] = await create(`slow-${id}`, 299);
        await operation.cancel();
        await assert.rejects(operation.promise(), { code: 1 });
        tell({ ...told, calls: ["cancel"], cancellation: "`GoogleError` with `code` 1" });
      });

      it("resumes by name in a fresh process", async () => {
        const [operation] = await create(`resumed-${id}`, 2);
        const words = [RESUME, server.url, transport, operation.name ?? ""];
        const { stdout } = await run(process.execPath, words, { timeout: 60_000 });
        assert.equal((JSON.parse(stdout) as Instance).name, `${PARENT}/instances/resumed-${id}`);
        tell({ ...told, calls: ["resume"] });
      });

      it("deletes, and gets Empty", async () => {
        const [operation] = await client.deleteInstance({ name: `${PARENT}/instances/made-${id}` });
        const [response] = await operation.promise();
        assert.deepEqual({ ...response }, {});
      });
    });
  }
});
