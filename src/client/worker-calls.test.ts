import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../core/ports/clock.ts";
import { GrpcWorkerCalls } from "./grpc/worker-calls.ts";
import { sendByFetch } from "./rest/answer.ts";
import { RestWorkerCalls } from "./rest/worker-calls.ts";
import { connectWorker } from "./worker-calls.ts";

const sending = { send: sendByFetch(fetch), close: () => {} };
const options = { sending, clock: systemClock, headers: {} };

test("the address decides over which wire a worker calls", async () => {
  assert.ok((await connectWorker("https://lro.example.com", options)) instanceof RestWorkerCalls);
  const calls = await connectWorker("grpcs://lro.example.com", options);
  assert.ok(calls instanceof GrpcWorkerCalls);
  calls.close();
});

for (const server of ["lro.example.com", "ftp://a", "grpc://", "grpc://a/b", ""])
  test(`${JSON.stringify(server)} is not an address`, async () => {
    await assert.rejects(connectWorker(server, options), TypeError);
  });
