import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EmptySchema } from "@bufbuild/protobuf/wkt";
import { type ClientUnaryCall, status } from "@grpc/grpc-js";
import { ANONYMOUS } from "../../core/caller.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { settled } from "../../testing/manual-clock.ts";
import {
  CancelOperationRequestSchema,
  DeleteOperationRequestSchema,
  ListOperationsRequestSchema,
  ListOperationsResponseSchema,
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import { type GrpcTest, openGrpcTest, operationsPath, refusal, statusOf } from "./grpc-server.suite.ts";

const LIST = [ListOperationsRequestSchema, ListOperationsResponseSchema] as const;
const WAIT = [WaitOperationRequestSchema, OperationSchema] as const;

async function listed(test: GrpcTest, name: string): Promise<number> {
  return (await test.client.call(operationsPath("ListOperations"), LIST, { name })).operations.length;
}

/**
 * Resolves once a caller waits: all waits share one timer, and nothing else sets a timer. With
 * `false`, resolves once no caller waits.
 */
async function waiting(test: GrpcTest, somebody = true): Promise<void> {
  while (test.engine.operations.waiting > 0 !== somebody) await settled();
}

describe("GetOperation", () => {
  it("answers the same as REST, with metadata as a Struct (contract 1.2, 1.6)", async () => {
    await using test = await openGrpcTest();
    const name = await test.start("projects/p");
    const operation = await test.client.get(name);
    assert.equal(operation.name, name);
    assert.equal(operation.done, false);
    assert.equal(operation.result.case, undefined);
    assert.equal(operation.metadata?.typeUrl, "type.googleapis.com/google.protobuf.Struct");
  });

  it("answers a repeated poll from memory until the operation changes", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const first = await test.client.get(name);
    assert.deepEqual(await test.client.get(name), first);
    await test.engine.operations.cancel(ANONYMOUS, name);
    const after = await test.client.get(name);
    assert.equal(after.done, true);
    assert.equal(after.result.case === "error" && after.result.value.code, status.CANCELLED);
  });

  it("is NOT_FOUND for other names, under another parent, and for the empty name", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    for (const wrong of ["", "operations/x", `projects/p/${name}`, "ä".repeat(900)]) {
      const error = await refusal(test.client.get(wrong));
      assert.equal(error.code, status.NOT_FOUND, wrong);
    }
  });
});

describe("ListOperations", () => {
  it("accepts the name in each of its shapes (contract 1.7)", async () => {
    await using test = await openGrpcTest();
    await test.start();
    await test.start("projects/p");
    const counts = ["", "operations", "projects/p", "projects/p/operations", "projects/-", "-"];
    const found = await Promise.all(counts.map((name) => listed(test, name)));
    assert.deepEqual(found, [1, 1, 1, 1, 1, 2]);
  });

  it("accepts filter, page size and token, and refuses the same as REST", async () => {
    await using test = await openGrpcTest();
    for (let index = 0; index < 3; index++) await test.start();
    const path = operationsPath("ListOperations");
    const first = await test.client.call(path, LIST, { pageSize: 2, filter: "done=false" });
    assert.equal(first.operations.length, 2);
    const asked = { pageSize: 2, filter: "done=false", pageToken: first.nextPageToken };
    const second = await test.client.call(path, LIST, asked);
    assert.equal(second.operations.length, 1);
    assert.equal(second.nextPageToken, "");
    for (const [request, reason] of [
      [{ pageSize: -1 }, "PAGE_SIZE_INVALID"],
      [{ pageToken: "x" }, "PAGE_TOKEN_INVALID"],
      [{ filter: "(" }, "FILTER_INVALID"],
      [{ returnPartialSuccess: true }, "PARTIAL_SUCCESS_UNSUPPORTED"],
    ] as const) {
      const error = await refusal(test.client.call(path, LIST, request));
      assert.equal(error.code, status.INVALID_ARGUMENT, reason);
      assert.match(Buffer.from(statusOf(error).details[0]?.value ?? []).toString(), new RegExp(reason));
    }
    assert.equal(
      (await test.client.call(path, LIST, { name: "-", returnPartialSuccess: true })).operations.length,
      3,
    );
  });

  it("cuts a page that peers cannot receive, because a Struct may be larger than its JSON", async () => {
    await using test = await openGrpcTest();
    // 100 kB of JSON, 600 kB of protobuf.
    const metadata = { type: "google.protobuf.Struct", json: `{"a":[${"1,".repeat(50_000)}1]}` };
    const names = [];
    for (let index = 0; index < 8; index++) names.push(await test.start());
    for (const name of names) await report(test, name, metadata);
    // The client accepts 4 MiB, the usual default.
    const found = new Set<string>();
    let pageToken = "";
    do {
      const page = await test.client.call(operationsPath("ListOperations"), LIST, { pageToken });
      for (const operation of page.operations) found.add(operation.name);
      ({ nextPageToken: pageToken } = page);
    } while (pageToken !== "");
    assert.equal(found.size, 8);
  });
});

async function report(
  test: GrpcTest,
  name: string,
  metadata: { readonly type: string; readonly json: string },
): Promise<void> {
  const operation = await test.engine.operations.get(ANONYMOUS, name);
  const next = { ...operation, metadata, revision: operation.revision + 1 };
  await test.store.write({ verb: "replace", next, expectedRevision: operation.revision });
}

describe("CancelOperation and DeleteOperation", () => {
  it("answer Empty; a repeated cancel is harmless, and a deleted operation is gone (contract 1.3)", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const cancel = [CancelOperationRequestSchema, EmptySchema] as const;
    await test.client.call(operationsPath("CancelOperation"), cancel, { name });
    await test.client.call(operationsPath("CancelOperation"), cancel, { name });
    const remove = [DeleteOperationRequestSchema, EmptySchema] as const;
    await test.client.call(operationsPath("DeleteOperation"), remove, { name });
    const again = test.client.call(operationsPath("DeleteOperation"), remove, { name });
    assert.equal((await refusal(again)).code, status.NOT_FOUND);
  });
});

describe("WaitOperation", () => {
  it("answers when the operation is done", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const wait = test.client.call(operationsPath("WaitOperation"), WAIT, { name });
    await waiting(test);
    await test.engine.operations.cancel(ANONYMOUS, name);
    assert.equal((await wait).done, true);
  });

  it("answers the latest state at its timeout, and at once for a timeout of zero", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const path = operationsPath("WaitOperation");
    assert.equal((await test.client.call(path, WAIT, { name, timeout: {} })).done, false);
    const wait = test.client.call(path, WAIT, { name, timeout: { seconds: 5n } });
    await waiting(test);
    await test.clock.advance(5_000);
    assert.equal((await wait).done, false);
  });

  it("answers before the deadline of the call (contract 7)", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const deadline = systemClock.now() + 20_000;
    const options = { deadline };
    const request = { name, timeout: { seconds: 3_600n } };
    const wait = test.client.call(operationsPath("WaitOperation"), WAIT, request, options);
    await waiting(test);
    await test.clock.advance(19_750);
    assert.equal((await wait).done, false);
  });

  it("forgets a caller that hangs up, and answers all callers when the server stops", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const path = operationsPath("WaitOperation");
    let hanging: ClientUnaryCall | undefined;
    const gone = test.client.call(path, WAIT, { name }, { onCall: (call) => (hanging = call) });
    const refused = refusal(gone);
    await waiting(test);
    hanging?.cancel();
    assert.equal((await refused).code, status.CANCELLED);
    await waiting(test, false);
    const stays = test.client.call(path, WAIT, { name });
    await waiting(test);
    test.engine.operations.stop();
    assert.equal((await stays).done, false);
  });

  it("refuses an invalid timeout", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    for (const timeout of [{ seconds: -1n }, { nanos: -1 }, { nanos: 2_000_000_000 }]) {
      const wait = test.client.call(operationsPath("WaitOperation"), WAIT, { name, timeout });
      assert.equal((await refusal(wait)).code, status.INVALID_ARGUMENT);
    }
  });
});
