import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, fromBinary, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { ANONYMOUS } from "../../core/caller.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { StartRequest } from "../../engine/starting/request.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { StartOperationRequestSchema } from "../../wire/gen/longrunning/v1/methods_pb.ts";
import { methodsRpc } from "./methods-rpc.ts";

const context = { caller: ANONYMOUS, signal: new AbortController().signal };

/**
 * Sends a message, encoded in between, and returns the request to the engine and the answer of the
 * call.
 */
async function call(message: MessageInitShape<typeof StartOperationRequestSchema>) {
  const asked: StartRequest[] = [];
  const operation = anOperation();
  const rpc = methodsRpc({
    start: (_caller, request) => {
      asked.push(request);
      return Promise.resolve(operation);
    },
  });
  const bytes = toBinary(StartOperationRequestSchema, create(StartOperationRequestSchema, message));
  const answer = await rpc.call(fromBinary(StartOperationRequestSchema, bytes), context);
  assert.deepEqual(answer, { operation });
  return asked[0];
}

function nested(depth: number): Record<string, never> {
  return JSON.parse(`${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`) as Record<string, never>;
}

suite("methodsRpc()", () => {
  test("starts with the message's fields, one by one", async () => {
    const request = { directory: "/tmp", tags: ["a", { b: null }], level: 1.5 };
    const message = {
      method: "createArchive",
      parent: "projects/p",
      request,
      requestId: "r",
      validateOnly: true,
      priority: 9,
      callbackUrl: "https://example.com/",
    };
    const durations = { timeToLive: durationFromMs(1_500), delay: durationFromMs(2_500) };
    assert.deepEqual(await call({ ...message, ...durations }), {
      ...message,
      timeToLiveMs: 1_500,
      delayMs: 2_500,
    });
  });

  test("treats empty fields as missing", async () => {
    assert.deepEqual(await call({ method: "m" }), {
      method: "m",
      parent: "",
      request: {},
      requestId: undefined,
      validateOnly: false,
      timeToLiveMs: undefined,
      delayMs: undefined,
      priority: 0,
      callbackUrl: "",
    });
  });

  test("reads a request as if it had come as JSON", async () => {
    const odd = JSON.parse('{"__proto__":{"a":1},"b":{"__proto__":null,"c":2}}') as Record<string, never>;
    assert.deepEqual((await call({ method: "m", request: odd }))?.request, { b: { c: 2 } });
  });

  test("refuses numbers that JSON does not have, with their places", async () => {
    for (const [value, description] of [
      [Number.NaN, "JSON has no NaN"],
      [-Infinity, "JSON has no -Infinity"],
    ] as const) {
      const details = [
        {
          "@type": "type.googleapis.com/google.rpc.BadRequest",
          fieldViolations: [{ field: "d[0]", description }],
        },
      ];
      const refused = call({ method: "m", request: { d: [value] } });
      await assert.rejects(refused, { code: "INVALID_ARGUMENT", reason: "REQUEST_INVALID", details });
    }
  });

  test("refuses a request that is nested too deep", async () => {
    await call({ method: "m", request: nested(LIMITS.jsonDepthMax) });
    const refused = call({ method: "m", request: nested(LIMITS.jsonDepthMax + 1) });
    // Either limit may reject it first: ours, or the parser's on nested messages.
    await assert.rejects(refused, { reason: "BODY_INVALID" });
  });

  test("passes errors on unchanged", async () => {
    const error = serviceError("METHOD_NOT_FOUND", "no");
    const rpc = methodsRpc({ start: () => Promise.reject(error) });
    await assert.rejects(rpc.call(create(StartOperationRequestSchema), context), error);
  });
});
