import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, type DescMessage, fromBinary, toBinary, toJson } from "@bufbuild/protobuf";
import { STRUCT } from "../../core/operation/payload.ts";
import {
  CancelOperationRequestSchema,
  DeleteOperationRequestSchema,
  GetOperationRequestSchema,
  ListOperationsRequestSchema,
  ListOperationsResponseSchema,
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import { StartOperationRequestSchema } from "../../wire/gen/longrunning/v1/methods_pb.ts";
import { type Came, scripted } from "./server.suite.ts";

const OPERATION = toBinary(OperationSchema, create(OperationSchema, { name: "operations/x" }));
const PAGE = toBinary(
  ListOperationsResponseSchema,
  create(ListOperationsResponseSchema, { operations: [{ name: "operations/x" }], nextPageToken: "t" }),
);

const REQUESTS: Readonly<Record<string, DescMessage>> = {
  "/google.longrunning.Operations/GetOperation": GetOperationRequestSchema,
  "/google.longrunning.Operations/ListOperations": ListOperationsRequestSchema,
  "/google.longrunning.Operations/CancelOperation": CancelOperationRequestSchema,
  "/google.longrunning.Operations/DeleteOperation": DeleteOperationRequestSchema,
  "/google.longrunning.Operations/WaitOperation": WaitOperationRequestSchema,
  "/longrunning.v1.Methods/StartOperation": StartOperationRequestSchema,
};

/** A server that answers every call successfully, and records the requests. */
async function listening() {
  const asked: unknown[] = [];
  const server = await scripted(({ path, request }: Came) => {
    const type = REQUESTS[path] ?? assert.fail(path);
    asked.push([path.slice(path.lastIndexOf("/") + 1), toJson(type, fromBinary(type, request))]);
    return path.endsWith("/ListOperations")
      ? PAGE
      : /Cancel|Delete/.test(path)
        ? new Uint8Array()
        : OPERATION;
  });
  return { ...server, asked };
}

suite("over gRPC", () => {
  test("start() sends the request with its parameters", async () => {
    using server = await listening();
    const request = { directory: "/tmp", since: new Date(0), left: undefined, deep: [{ a: null }] };
    const options = {
      parent: "projects/p",
      requestId: "r",
      validateOnly: true,
      timeToLive: "1.5h",
      delay: "2m",
      priority: 7,
    } as const;
    assert.equal((await server.client.start("pack", request, options)).name, "operations/x");
    await server.client.start("pack", undefined);
    assert.deepEqual(server.asked, [
      [
        "StartOperation",
        {
          method: "pack",
          parent: "projects/p",
          request: { directory: "/tmp", since: "1970-01-01T00:00:00.000Z", deep: [{ a: null }] },
          requestId: "r",
          validateOnly: true,
          timeToLive: "5400s",
          delay: "120s",
          priority: 7,
        },
      ],
      ["StartOperation", { method: "pack", request: {} }],
    ]);
  });

  test("the other calls send the right requests", async () => {
    using server = await listening();
    const { client } = server;
    await client.get("/v1/projects/p/operations/a b");
    await client.cancel(`${server.url}/v1/operations/x`);
    await client.delete("operations/x");
    await client.wait("operations/x", { timeout: "1500ms" });
    const list = { parent: "projects/p", filter: "done=true", pageSize: 7, pageToken: "s" };
    assert.deepEqual((await client.listPage(list)).nextPageToken, "t");
    assert.deepEqual((await client.listPage()).operations[0]?.name, "operations/x");
    const name = "operations/x";
    assert.deepEqual(server.asked, [
      ["GetOperation", { name: "projects/p/operations/a b" }],
      ["CancelOperation", { name }],
      ["DeleteOperation", { name }],
      ["WaitOperation", { name, timeout: "1.500s" }],
      ["ListOperations", { name: "projects/p", filter: "done=true", pageSize: 7, pageToken: "s" }],
      ["ListOperations", {}],
    ]);
  });

  test("invalid calls are refused before anything is sent", async () => {
    using server = await listening();
    const { client } = server;
    await assert.rejects(client.get("nonsense"), { code: "INVALID_ARGUMENT", reason: "NAME_INVALID" });
    await assert.rejects(client.listPage({ orderBy: "endTime" }), { reason: "ORDER_BY_INVALID" });
    await assert.rejects(client.start("pack", [1]), { code: "INVALID_ARGUMENT", reason: "BODY_INVALID" });
    await assert.rejects(client.start("pack", {}, { requestId: "" }), { reason: "REQUEST_ID_INVALID" });
    await assert.rejects(client.start("pack", {}, { priority: 1.5 }), { reason: "PRIORITY_INVALID" });
    assert.deepEqual(server.asked, []);
  });

  test("an operation's payloads are plain values", async () => {
    const struct = { typeUrl: `type.googleapis.com/${STRUCT}`, value: new Uint8Array() };
    const result = { case: "response", value: struct } as const;
    const bytes = toBinary(
      OperationSchema,
      create(OperationSchema, { name: "operations/x", done: true, result }),
    );
    using server = await scripted(() => bytes);
    assert.deepEqual(await server.client.result("operations/x"), {});
  });
});
