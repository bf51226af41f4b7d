import assert from "node:assert/strict";
import { test } from "node:test";
import { toJson } from "@bufbuild/protobuf";
import { OperationRowSchema } from "../../wire/gen/longrunning/v1/admin_operations_pb.ts";
import { MethodDetailSchema } from "../../wire/gen/longrunning/v1/admin_statistics_pb.ts";
import { messageOfPlain, type PlainMessage } from "./plain-message.ts";

test("a plain object becomes the message with its times, durations, lists and objects", () => {
  const plain = {
    state: { method: "pack", live: { waiting: 3, oldestWaiting: 1_500 }, spark: [1, 2] },
    requestSchema: { type: "object", a: { b: [null, 1] } },
    requestExample: null,
    settings: [{ name: "Retries", value: "3 attempts" }],
    series: [{ time: 60_000, ended: { failed: 1, run: { p50: 1_250, p95: null, p99: 0 } } }],
    bucket: 60_000,
    begin: { bounds: [1, 1.5, 2.25], counts: [0, 5, 1] },
    asOf: 1_000.7,
  } as unknown as PlainMessage<Parameters<typeof toJson<typeof MethodDetailSchema>>[1]>;
  assert.deepEqual(toJson(MethodDetailSchema, messageOfPlain(MethodDetailSchema, plain)), {
    state: { method: "pack", live: { waiting: 3, oldestWaiting: "1970-01-01T00:00:01.500Z" }, spark: [1, 2] },
    requestSchema: { type: "object", a: { b: [null, 1] } },
    settings: [{ name: "Retries", value: "3 attempts" }],
    series: [{ time: "1970-01-01T00:01:00Z", ended: { failed: 1, run: { p50: "1.250s", p99: "0s" } } }],
    bucket: "60s",
    begin: { bounds: ["0.001s", "0.002s", "0.002s"], counts: [0, 5, 1] },
    asOf: "1970-01-01T00:00:01Z",
  });
});

test("an optional field with the value zero is kept", () => {
  const row = messageOfPlain(OperationRowSchema, { progressPercent: 0 } as never);
  assert.deepEqual(toJson(OperationRowSchema, row), { progressPercent: 0 });
});
