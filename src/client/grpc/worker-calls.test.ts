import assert from "node:assert/strict";
import { test } from "node:test";
import { create, fromBinary, type JsonObject, toBinary } from "@bufbuild/protobuf";
import { base64Encode } from "@bufbuild/protobuf/wire";
import { StatusError } from "../../core/error/error.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import { jsonOf, message, RPCS, type Scripted, type Verb, workerCallsSuite } from "../worker-calls.suite.ts";
import { scripted as serving } from "./server.suite.ts";
import { GrpcWorkerCalls } from "./worker-calls.ts";

async function scripted(answer: JsonObject | Uint8Array): Promise<Scripted> {
  const asked: Scripted["asked"] = [];
  const headers: Scripted["headers"] = [];
  const server = await serving(({ path, request, metadata }) => {
    const found = Object.entries(RPCS).find(([, rpc]) => path.endsWith(`/${rpc.name}`)) ?? assert.fail(path);
    const [verb, rpc] = found as [Verb, (typeof RPCS)[Verb]];
    asked.push([verb, jsonOf(rpc.input, fromBinary(rpc.input, request))]);
    headers.push({ "x-team": metadata.get("x-team")[0]?.toString() });
    return answer instanceof Uint8Array ? answer : toBinary(rpc.output, message(rpc.output, answer));
  });
  const calls = new GrpcWorkerCalls(server.url, { clock: systemClock, headers: { "x-team": "archive" } });
  const dispose = (): void => {
    calls.close();
    server[Symbol.dispose]();
  };
  return { calls, asked, headers, [Symbol.dispose]: dispose };
}

workerCallsSuite("gRPC", scripted);

const ATTEMPT = { name: "operations/x", attempt: 1, token: "t" };

test("the request of a method that a proto declares arrives as its bytes, which its schema reads", async () => {
  const { output } = RPCS.claim;
  const value = new Uint8Array([8, 1]);
  const claim = {
    attempt: ATTEMPT,
    lease: { seconds: 5n, nanos: 0 },
    requestPayload: {
      case: "requestAny" as const,
      value: { typeUrl: "type.googleapis.com/acme.v1.Disk", value },
    },
    metadataPayload: {
      case: "metadataAny" as const,
      value: { typeUrl: "type.googleapis.com/acme.v1.Disk", value },
    },
  };
  using server = await scripted(toBinary(output, create(output, { claims: [claim] })));
  const call = {
    parent: "",
    methods: ["a"],
    worker: "w",
    limit: 1,
    leaseMs: 5_000,
    waitMs: 0,
    requestId: "",
    workerVersion: "",
  };
  const { claims } = await server.calls.claim(call, {});
  const bytes = JSON.stringify({ "@bytes": base64Encode(value) });
  assert.equal(claims[0]?.request, bytes);
  assert.deepEqual(claims[0]?.metadata, { type: "acme.v1.Disk", json: bytes });
});

test("a payload that would be too large as a Struct is refused before it is sent", async () => {
  using server = await scripted({ answers: [{}] });
  const json = `{"list":[${"1,".repeat(499_999)}1]}`;
  await assert.rejects(
    server.calls.complete([{ attempt: ATTEMPT, response: { type: STRUCT, json } }]),
    (error) => error instanceof StatusError && error.code === "INVALID_ARGUMENT",
  );
  const text = JSON.stringify({ text: "a".repeat(1_000_000) });
  await server.calls.complete([{ attempt: ATTEMPT, response: { type: STRUCT, json: text } }]);
  assert.equal(server.asked.length, 1);
});

test("an error detail of an unknown type is sent as a Struct", async () => {
  using server = await scripted({ answers: [{}] });
  const details = [{ "@type": "type.googleapis.com/acme.v1.Odd", a: 1 }];
  const error = { code: "ABORTED", message: "m", details } as const;
  await server.calls.fail([{ attempt: ATTEMPT, error, retryDelayMs: null, exception: null }]);
  const [[, request] = assert.fail()] = server.asked;
  assert.match(JSON.stringify(request), /acme\.v1\.Odd.*google\.protobuf\.Struct/);
});
