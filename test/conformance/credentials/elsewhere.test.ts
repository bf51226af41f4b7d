import assert from "node:assert/strict";
import { test } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { LIMITS } from "../../../src/core/limits.ts";
import { GrpcClient, operationsPath, refusal } from "../../../src/server/grpc/grpc-server.suite.ts";
import { named, watch } from "../../../src/server/grpc/watched.suite.ts";
import { openStream } from "../../../src/server/rest/watched.suite.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import {
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../../src/wire/gen/google/longrunning/operations_pb.ts";
import { postgresForTests } from "../../support/postgres.ts";
import { openCredentialsServer, work } from "./credentials-server.ts";

const OPTIONS = { admin: "full", metrics: true, worker: false } as const;

const post = (url: string, body: object, key: string): Promise<Response> =>
  fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", "x-goog-api-key": key },
    body: JSON.stringify(body),
  });

test("waits and watches over REST and gRPC end when another server on the same PostgreSQL revokes their key", async (context) => {
  await using database = await postgresForTests();
  const store = await database.createDatabase();
  await using revoking = await openCredentialsServer({ ...OPTIONS, store });
  // The clock of the server that serves; its time passes only where the test says so.
  const clock = new ManualClock(Date.now());
  await using serving = await openCredentialsServer({ ...OPTIONS, store, clock });
  const admin = `${revoking.url}/admin/v1/apiKeys`;
  const made = await post(admin, { principal: "user:ada" }, revoking.key);
  const { key, apiKey } = (await made.json()) as { key: string; apiKey: { id: string } };
  const { name } = await serving.operations.start(work, { text: "hold" });
  const client = new GrpcClient(Number(new URL(serving.url).port));
  context.after(() => client.close());
  const metadata = new Metadata();
  metadata.set("x-goog-api-key", key);
  const message = { name, timeout: { seconds: 60n } };
  const shapes = [WaitOperationRequestSchema, OperationSchema] as const;
  const waits = [
    post(`${serving.url}/v1/${name}:wait`, { timeout: "60s" }, key).then((answer) => answer.text()),
    refusal(client.call(operationsPath("WaitOperation"), shapes, message, { metadata })),
  ] as const;
  const headers = { "x-goog-api-key": key };
  const one = await openStream(serving, `/v1/${name}:watch`, headers);
  const many = await openStream(serving, "/v1/operations:watch", headers);
  const overGrpc = watch({ client }, named(name), metadata);
  await Promise.all([one.until(name), many.until(name), overGrpc.until(1)]);
  while (!/^longrunning_waiters(?:\{[^}]*\})? 2$/m.test((await serving.operations.metrics?.()) ?? ""))
    await new Promise((resolve) => setImmediate(resolve));
  const revoked = await post(`${admin}/${apiKey.id}:revoke`, {}, revoking.key);
  assert.equal(revoked.status, 200);
  // All of them end although the clock of their server stands still after the promised two seconds.
  await clock.advance(2 * LIMITS.apiKeyCheckMs);
  assert.match(await waits[0], /API_KEY_INVALID/);
  const refused = await waits[1];
  assert.equal(refused.code, status.INVALID_ARGUMENT);
  assert.match(refused.details, /API key not valid/);
  for (const stream of [one, many]) assert.match(await stream.rest(), /API_KEY_INVALID/);
  assert.equal((await overGrpc.ended)?.code, status.INVALID_ARGUMENT);
});
