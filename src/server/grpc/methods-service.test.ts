import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import {
  StartOperationsRequestSchema,
  StartOperationsResponseSchema,
} from "../../wire/gen/longrunning/v1/methods_pb.ts";
import { openGrpcTest, refusal, statusOf } from "./grpc-server.suite.ts";

const PATH = "/longrunning.v1.Methods/StartOperations";
const MESSAGES = [StartOperationsRequestSchema, StartOperationsResponseSchema] as const;

describe("StartOperations", () => {
  it("returns an operation or an error for each request, in order", async () => {
    await using test = await openGrpcTest();
    const method = "createArchive";
    const { results } = await test.client.call(PATH, MESSAGES, {
      requests: [
        { method, request: { directory: "/a" }, parent: "projects/p", priority: 7 },
        { method: "missing" },
        { method, request: { directory: 5 } },
        { method, request: { directory: "/b" }, priority: 10 },
        { method, request: { directory: "/c" }, validateOnly: true },
      ],
    });
    const told = results.map(({ result }) =>
      result.case === "operation" ? result.value.name : result.value?.code,
    );
    assert.match(String(told[0]), /^projects\/p\/operations\//);
    const { NOT_FOUND, INVALID_ARGUMENT } = status;
    assert.deepEqual(told.slice(1), [NOT_FOUND, INVALID_ARGUMENT, INVALID_ARGUMENT, ""]);
    const [, missing] = results;
    assert.ok(missing?.result.case === "error");
    assert.match(missing.result.value.message, /"missing" is not declared/);
    assert.equal(missing.result.value.details[0]?.typeUrl, "type.googleapis.com/google.rpc.ErrorInfo");
  });

  it("fails as a whole if it is empty, or invalid", async () => {
    await using test = await openGrpcTest();
    const empty = await refusal(test.client.call(PATH, MESSAGES, {}));
    assert.equal(empty.code, status.INVALID_ARGUMENT);
    assert.equal(statusOf(empty).details.length, 2);
    const broken = await refusal(test.client.bytes(PATH, new Uint8Array([0xff])));
    assert.equal(broken.code, status.INVALID_ARGUMENT);
  });
});
