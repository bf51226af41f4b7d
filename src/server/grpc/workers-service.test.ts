import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { DescMessage, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { durationFromMs, durationMs, timestampMs } from "@bufbuild/protobuf/wkt";
import { type ClientUnaryCall, status } from "@grpc/grpc-js";
import { systemClock } from "../../core/ports/clock.ts";
import { defineMethod } from "../../protos/method/define.ts";
import { library } from "../../protos/method/sample.suite.ts";
import { openRpcs } from "../../assembly/rpcs.ts";
import type { DeclaredMethod } from "../../core/method/answered-method.ts";
import * as messages from "../../wire/gen/longrunning/v1/workers_pb.ts";
import { aClaim, FakeWorkers, NOW } from "../workers/fake-workers.suite.ts";
import {
  type BytesCallOptions,
  type GrpcTest,
  openGrpcTest,
  refusal,
  statusOf,
} from "./grpc-server.suite.ts";

const attempt = (name: string) => ({ name, attempt: 1, token: "t" });
const { rpc, message } = library();
const createBook = defineMethod(rpc("CreateBook"), {
  name: "createBook",
  response: message("Book"),
  metadata: message("Progress"),
  run: () => ({ title: "A" }),
});

const PAIRS = {
  ClaimOperations: [messages.ClaimOperationsRequestSchema, messages.ClaimOperationsResponseSchema],
  RenewAttempts: [messages.RenewAttemptsRequestSchema, messages.RenewAttemptsResponseSchema],
  CompleteAttempts: [messages.CompleteAttemptsRequestSchema, messages.CompleteAttemptsResponseSchema],
  FailAttempts: [messages.FailAttemptsRequestSchema, messages.FailAttemptsResponseSchema],
  ReleaseAttempts: [messages.ReleaseAttemptsRequestSchema, messages.ReleaseAttemptsResponseSchema],
} as const;
type Pairs = typeof PAIRS;

interface WorkersTest extends GrpcTest {
  readonly workers: FakeWorkers;
  call<Name extends keyof Pairs>(
    method: Name,
    request: MessageInitShape<Pairs[Name][0]>,
    options?: BytesCallOptions,
  ): Promise<MessageShape<Pairs[Name][1]>>;
}

async function open(methods?: readonly DeclaredMethod[]): Promise<WorkersTest> {
  const workers = new FakeWorkers();
  const opened = await openGrpcTest({ workers, ...(methods === undefined ? {} : { methods, openRpcs }) });
  const call = (method: keyof Pairs, request: object, options?: BytesCallOptions): Promise<unknown> => {
    const [input, output]: readonly [DescMessage, DescMessage] = PAIRS[method];
    return opened.client.call(pathOf(method), [input, output], request as never, options);
  };
  return {
    ...opened,
    workers,
    call: call as never,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

const pathOf = (method: string): string => `/longrunning.v1.Workers/${method}`;

suite("ClaimOperations", () => {
  test("claims, and waits no longer than the call's deadline", async () => {
    await using server = await open();
    server.workers.onClaim = async () => ({
      claims: [aClaim("operations/a", { request: '{"a":[1]}' })],
      time: NOW,
    });
    const asked = {
      methods: ["pack"],
      worker: "w",
      workerVersion: "1.2",
      parent: "projects/p",
      requestId: "r",
    };
    const { claims, serverTime } = await server.call("ClaimOperations", asked);
    const [claim] = claims;
    assert.ok(claim?.lease !== undefined && serverTime !== undefined);
    assert.deepEqual(claim.requestPayload, { case: "request", value: { a: [1] } });
    assert.deepEqual([durationMs(claim.lease), timestampMs(serverTime)], [10_000, NOW]);
    const deadline = systemClock.now() + 5_000;
    const timeout = durationFromMs(60_000);
    await server.call("ClaimOperations", { ...asked, timeout, lease: durationFromMs(7_000) }, { deadline });
    const [[, first] = [], [, second] = []] = server.workers.asked as [string, Record<string, unknown>][];
    assert.deepEqual(first, { ...asked, limit: 0, leaseMs: undefined, timeoutMs: 0 });
    assert.equal(second?.["leaseMs"], 7_000);
    const waited = Number(second["timeoutMs"]);
    assert.ok(waited > 0 && waited <= 4_750, `${waited} ms`);
  });

  test("has the request of a proto's method as its message, even if JSON cannot contain it", async () => {
    await using server = await open([createBook]);
    const input = rpc("CreateBook").input;
    const bytes = Buffer.from("0a0470726f6a", "hex");
    server.workers.onClaim = async () => ({
      claims: [
        aClaim("operations/a", { method: "createBook", request: '{"parent":"proj"}' }),
        aClaim("operations/b", {
          method: "createBook",
          request: JSON.stringify({ "@bytes": bytes.toString("base64") }),
          metadata: { type: "test.v1.Progress", json: '{"percent":5}' },
        }),
      ],
      time: NOW,
    });
    const { claims } = await server.call("ClaimOperations", { methods: ["createBook"], worker: "w" });
    for (const { requestPayload } of claims) {
      assert.ok(requestPayload.case === "requestAny");
      assert.equal(requestPayload.value.typeUrl, `type.googleapis.com/${input.typeName}`);
      assert.deepEqual(Buffer.from(requestPayload.value.value), bytes);
    }
    const metadata = claims[1]?.metadataPayload;
    assert.ok(metadata?.case === "metadataAny");
    assert.equal(metadata.value.typeUrl, "type.googleapis.com/test.v1.Progress");
  });

  test("a caller that hangs up ends the wait", async () => {
    await using server = await open();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: gone, resolve: go } = Promise.withResolvers<void>();
    server.workers.onClaim = async (_, { waiting }) => {
      waiting?.addEventListener("abort", go);
      begin();
      await gone;
      return { claims: [], time: NOW };
    };
    let call: ClientUnaryCall | undefined;
    const onCall = (made: ClientUnaryCall): void => void (call = made);
    const refused = refusal(server.call("ClaimOperations", { timeout: durationFromMs(20_000) }, { onCall }));
    await begun;
    call?.cancel();
    assert.equal((await refused).code, status.CANCELLED);
    await gone;
  });
});

suite("the calls about attempts", () => {
  test("answer each entry in its place, and execute the valid ones together", async () => {
    await using server = await open();
    const entries = [{ attempt: attempt("operations/a") }, {}, { attempt: attempt("operations/lost") }];
    const renewed = await server.call("RenewAttempts", { renewals: entries });
    assert.deepEqual(
      renewed.answers.map(({ held, error }) => [held, error?.code ?? 0]),
      [
        [true, 0],
        [false, 3],
        [false, 10],
      ],
    );
    const completed = await server.call("CompleteAttempts", { completions: entries });
    assert.deepEqual(
      completed.answers.map(({ state, error }) => [state, error?.code ?? 0]),
      [
        ["SUCCEEDED", 0],
        ["", 3],
        ["", 10],
      ],
    );
    const failures = [{ attempt: attempt("operations/a"), error: { code: 14 }, exception: "boom" }];
    assert.equal((await server.call("FailAttempts", { failures })).answers.length, 1);
    const release = { attempts: [attempt("operations/a")], delay: durationFromMs(3_000) };
    assert.equal((await server.call("ReleaseAttempts", release)).answers.length, 1);
    assert.deepEqual(
      server.workers.asked.map(([verb]) => verb),
      ["renew", "complete", "fail", "release"],
    );
    const [, , , [, released] = []] = server.workers.asked;
    assert.equal((released as { readonly delayMs: number }).delayMs, 3_000);
  });

  test("are refused as a whole if they are empty, too long, or have an invalid duration", async () => {
    await using server = await open();
    const many = Array.from({ length: 1_001 }, () => attempt("operations/a"));
    for (const call of [
      server.call("CompleteAttempts", {}),
      server.call("ReleaseAttempts", { attempts: many }),
      server.call("ReleaseAttempts", { attempts: many.slice(1), delay: { seconds: -1n } }),
      server.call("RenewAttempts", { renewals: [{}], lease: { nanos: -1 } }),
      server.call("ClaimOperations", { lease: { seconds: -1n } }),
    ]) {
      const error = await refusal(call);
      assert.equal(error.code, status.INVALID_ARGUMENT);
      assert.ok(statusOf(error).details.some(({ typeUrl }) => typeUrl.endsWith("google.rpc.BadRequest")));
    }
    const broken = await refusal(server.client.bytes(pathOf("FailAttempts"), Buffer.of(0x0a, 0xff)));
    assert.equal(broken.code, status.INVALID_ARGUMENT);
    assert.deepEqual(server.workers.asked, []);
  });

  test("take large messages when it is their turn", async () => {
    await using server = await open();
    const completions = Array.from({ length: 3 }, (_, index) => ({
      attempt: attempt(`operations/${index}`),
      responsePayload: { case: "response", value: { a: "x".repeat(1_000_000) } } as const,
    }));
    const { answers } = await server.call("CompleteAttempts", { completions });
    assert.equal(answers.length, 3);
  });
});
