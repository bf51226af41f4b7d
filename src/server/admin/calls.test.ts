import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create } from "@bufbuild/protobuf";
import { Admin as AdminUseCases } from "../../engine/admin/admin.ts";
import { operator } from "../../engine/admin/operators.suite.ts";
import { Admin } from "../../wire/gen/longrunning/v1/admin_pb.ts";
import { STANDARD_TYPES } from "../../wire/proto/registry.ts";
import { ADMIN_SERVICE } from "../grpc/service-shapes.ts";
import { ADMIN_RPCS, callAdmin } from "./calls.ts";

describe("ADMIN_RPCS", () => {
  it("are exactly the RPCs over gRPC, which must know their names before any of it is loaded", () => {
    assert.deepEqual(
      ADMIN_RPCS.map(({ name }) => name),
      ADMIN_SERVICE.methods,
    );
    assert.equal(Admin.typeName, ADMIN_SERVICE.typeName);
  });
});

describe("callAdmin()", () => {
  it("reads the message, and treats an empty text as missing", async () => {
    const asked: unknown[] = [];
    const admin = {
      start: (_: unknown, start: object) => Promise.resolve(void asked.push(start)),
      cancel: (_: unknown, name: string) => Promise.resolve(void asked.push(name)),
    } as unknown as AdminUseCases;
    const service = { admin, view: { apiVersion: "v1", pollIntervalMs: () => 1 }, types: STANDARD_TYPES };
    const { startOperation, cancelOperation } = Admin.method;
    const start = create(startOperation.input, {
      method: "m",
      parent: "p",
      delay: { seconds: 2n, nanos: 5e8 },
    });
    await callAdmin(startOperation, start, operator(), service);
    const cancel = create(cancelOperation.input, { name: "operations/x" });
    const { message } = (await callAdmin(cancelOperation, cancel, operator(), service)) as never;
    assert.deepEqual(message, { $typeName: "google.protobuf.Empty" });
    const [{ $typeName: _, ...started }, name] = asked as [Record<string, unknown>, string];
    assert.deepEqual(started, {
      method: "m",
      parent: "p",
      request: {},
      requestId: undefined,
      validateOnly: false,
      priority: 0,
      delayMs: 2_500,
    });
    assert.equal(name, "operations/x");
  });
});
