import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Metadata } from "@grpc/grpc-js";
import { type EventFields, silence } from "../../core/events.ts";
import type { CallAnswer, TracedCall, Tracing } from "../../core/ports/tracing.ts";
import { Teller } from "../../core/teller.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import {
  GetOperationRequestSchema,
  OperationSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import { GrpcClient, openGrpcTest, operationsPath, refusal } from "./grpc-server.suite.ts";
import { ToldCall } from "./told-call.ts";

suite("rpc.answered", () => {
  test("has path, code, bytes and caller of each call, including cached answers", async () => {
    const teller = new Teller();
    const told: EventFields<"rpc.answered">[] = [];
    teller.watch(
      (name, fields) => {
        if (name === "rpc.answered") told.push(fields);
      },
      ["rpc.answered"],
    );
    await using server = await openGrpcTest({ tell: teller.tell });
    const name = await server.start();
    const metadata = new Metadata();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    metadata.set("traceparent", traceparent);
    const path = operationsPath("GetOperation");
    const schemas = [GetOperationRequestSchema, OperationSchema] as const;
    await server.client.call(path, schemas, { name }, { metadata });
    await server.client.call(path, schemas, { name });
    await refusal(server.client.get("operations/none"));
    const [first, second, third] = told;
    const fields = { method: "gRPC", path, principal: "anonymous" };
    const bytes = first?.bytes ?? 0;
    assert.ok(bytes > name.length);
    assert.deepEqual(
      [first, second, third].map((each) => ({ ...each, durationMs: 0 })),
      [
        { ...fields, code: "OK", bytes, traceparent, durationMs: 0 },
        { ...fields, code: "OK", bytes, durationMs: 0 },
        { ...fields, code: "NOT_FOUND", bytes: 0, durationMs: 0 },
      ],
    );
    assert.equal(told.length, 3);
  });

  test("costs nothing if nobody listens", async () => {
    await using server = await openGrpcTest();
    const call = { metadata: { getMap: () => assert.fail() }, getPath: () => assert.fail() };
    assert.equal(ToldCall.begin(call, { tell: new Teller().tell, clock: server.clock }), undefined);
    assert.ok(server.client instanceof GrpcClient);
  });
});

suite("the span of a call", () => {
  test("is active while it is answered, and ends with it", async () => {
    const begun: TracedCall[] = [];
    const ended: CallAnswer[] = [];
    const tracing = {
      call: (traced: TracedCall) => {
        begun.push(traced);
        return {
          within: (run: () => unknown) => [run()],
          end: (answer: CallAnswer) => void ended.push(answer),
        };
      },
    } as unknown as Tracing;
    const call = { metadata: { getMap: () => ({ traceparent: "t" }) }, getPath: () => "/a.B/C" };
    const told = ToldCall.begin(call, { tell: silence, clock: new ManualClock(), tracing });
    assert.deepEqual(
      told?.within(() => 7),
      [7],
    );
    told?.end("OK", 0);
    assert.deepEqual(begun, [{ kind: "grpc", rpc: "a.B/C", headers: { traceparent: "t" } }]);
    assert.deepEqual(ended, [{ kind: "grpc", code: "OK" }]);
  });
});
