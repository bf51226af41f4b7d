import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import {
  ListOperationsRequestSchema,
  ListOperationsResponseSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import { openGrpcTest, operationsPath, refusal } from "../grpc/grpc-server.suite.ts";
import { callToHangUp, openRestServer } from "../rest/rest-server.suite.ts";
import type { Room } from "./room.ts";
import { pageRoomBytesMax, pageRoomOfProcess } from "./page-room.ts";

/** Resolves when so many pages wait for room. */
const waits = async ({ pages }: { readonly pages: Room }, count: number): Promise<void> => {
  while (pages.waiting < count) await settled();
};

const LIST = operationsPath("ListOperations");
const SHAPES = [ListOperationsRequestSchema, ListOperationsResponseSchema] as const;

suite("a page of a list without room", () => {
  for (const transport of ["http1", "h2"] as const) {
    test(`waits for it, and other calls do not (${transport})`, async () => {
      await using server = await openRestServer(undefined, {}, transport);
      const name = await server.start();
      assert.equal(server.pages.take(LIMITS.pageRoomBytes), true);
      const lists = [server.call("GET", "/v1/operations"), server.call("GET", "/v1/operations?pageSize=1")];
      await waits(server, 2);
      assert.equal((await server.call("GET", `/v1/${name}`)).status, 200);
      server.pages.give(LIMITS.pageRoomBytes);
      assert.deepEqual(
        (await Promise.all(lists)).map((each) => each.status),
        [200, 200],
      );
      assert.equal(server.pages.isIdle, true);
    });

    test(`is refused after some time (${transport})`, async () => {
      await using server = await openRestServer(undefined, {}, transport);
      server.pages.take(LIMITS.pageRoomBytes);
      const list = server.call("GET", "/v1/operations");
      await waits(server, 1);
      await server.clock.advance(LIMITS.bodyRoomWaitMs);
      const { status: code, headers, json } = await list;
      assert.deepEqual([code, headers.get("retry-after")], [503, "1"]);
      assert.equal(json?.error?.details[0]?.reason, "TOO_MANY_PAGES");
      server.pages.give(LIMITS.pageRoomBytes);
    });
  }

  test("waits for it, is refused after some time, and is forgotten with its caller, over gRPC", async () => {
    await using server = await openGrpcTest();
    await server.start();
    server.pages.take(LIMITS.pageRoomBytes);
    const first = refusal(server.client.call(LIST, SHAPES, {}));
    await waits(server, 1);
    await server.clock.advance(LIMITS.bodyRoomWaitMs);
    const refused = await first;
    assert.equal(refused.code, status.UNAVAILABLE);
    assert.match(refused.details, /pages of other lists/);
    const gone = refusal(
      server.client.call(
        LIST,
        SHAPES,
        {},
        {
          metadata: new Metadata(),
          onCall: (call) => void waits(server, 1).then(() => call.cancel()),
        },
      ),
    );
    assert.equal((await gone).code, status.CANCELLED);
    while (server.pages.waiting > 0) await settled();
    const list = server.client.call(LIST, SHAPES, {});
    await waits(server, 1);
    server.pages.give(LIMITS.pageRoomBytes);
    assert.equal((await list).operations.length, 1);
    assert.equal(server.pages.isIdle, true);
  });

  /** A batch with as many lists as a batch executes at once. */
  const LISTS = Array.from({ length: LIMITS.batchConcurrency }, () => "GET /v1/operations\r\n\r\n\r\n");
  const BATCH = {
    body: `${LISTS.map((list) => `--b\r\nContent-Type: application/http\r\n\r\n${list}`).join("")}--b--\r\n`,
    headers: { "content-type": "multipart/mixed; boundary=b" },
  };

  test("waits for it as a call of a batch, too, and Node warns of no listeners", async () => {
    await using server = await openRestServer();
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", warned);
    server.pages.take(LIMITS.pageRoomBytes);
    const batch = server.call("POST", "/batch", BATCH);
    await waits(server, LISTS.length);
    server.pages.give(LIMITS.pageRoomBytes);
    assert.equal((await batch).text.match(/HTTP\/1\.1 200/g)?.length, LISTS.length);
    process.off("warning", warned);
    assert.deepEqual(warnings, []);
    assert.equal(server.pages.isIdle, true);
  });

  test("all calls of a batch stop waiting when its caller disconnects", async () => {
    await using server = await openRestServer();
    server.pages.take(LIMITS.pageRoomBytes);
    const hangUp = callToHangUp(`${server.url}/batch`, BATCH);
    await waits(server, LISTS.length);
    hangUp();
    while (server.pages.waiting > 0) await settled();
    server.pages.give(LIMITS.pageRoomBytes);
    assert.equal(server.pages.isIdle, true);
  });

  test("gives its room back where the list is refused", async () => {
    await using server = await openRestServer();
    assert.equal((await server.call("GET", "/v1/operations?filter=%28")).status, 400);
    assert.equal(server.pages.isIdle, true);
  });
});

test("the room of a process follows its heap, and is never less than for two pages", () => {
  assert.equal(pageRoomBytesMax(0), 2 * LIMITS.pageRoomBytes);
  assert.equal(pageRoomBytesMax(80 * LIMITS.pageRoomBytes), 10 * LIMITS.pageRoomBytes);
  assert.equal(pageRoomOfProcess(), pageRoomOfProcess());
});
