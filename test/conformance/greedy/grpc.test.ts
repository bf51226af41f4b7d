import assert from "node:assert/strict";
import { once } from "node:events";
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import { suite, test } from "node:test";
import { create, type DescMessage, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import { ANONYMOUS } from "../../../src/core/caller.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { type GrpcTest, openGrpcTest, operationsPath } from "../../../src/server/grpc/grpc-server.suite.ts";
import { settled } from "../../../src/testing/manual-clock.ts";
import {
  GetOperationRequestSchema,
  ListOperationsRequestSchema,
  WaitOperationRequestSchema,
} from "../../../src/wire/gen/google/longrunning/operations_pb.ts";
import { fill, standstill, tallyOf, UNKNOWN } from "./greedy.ts";

/** A connection whose answers are not read: no data can be sent over any of its streams. */
async function dial({ listening }: GrpcTest): Promise<ClientHttp2Session> {
  const session = connect(`http://127.0.0.1:${listening.port}`, { settings: { initialWindowSize: 0 } });
  session.on("error", () => {});
  await once(session, "remoteSettings");
  return session;
}

/** Makes a call and reads nothing of its answer. */
function call<Desc extends DescMessage>(
  session: ClientHttp2Session,
  method: string,
  [schema, request]: readonly [Desc, MessageInitShape<Desc>],
): ClientHttp2Stream {
  const headers = { ":method": "POST", ":path": operationsPath(method), "content-type": "application/grpc" };
  const stream = session.request({ ...headers, te: "trailers" });
  stream.on("error", () => {});
  const bytes = toBinary(schema, create(schema, request));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  stream.end(Buffer.concat([head, bytes]));
  return stream;
}

/** Lets everything be sent, and reads it. */
async function read(session: ClientHttp2Session, streams: readonly ClientHttp2Stream[]): Promise<void> {
  session.settings({ initialWindowSize: 1_048_576 });
  await Promise.all(
    streams.map(async (stream) => {
      const ended = once(stream, "close");
      stream.resume();
      await ended;
    }),
  );
}

const list = [ListOperationsRequestSchema, { pageSize: 1_000 }] as const;

suite("a gRPC caller that makes many calls and reads no answers", () => {
  test("has few pages computed for it, and all of them once it reads", async () => {
    await using server = await openGrpcTest();
    await fill(server, 200);
    const tally = tallyOf(server);
    const session = await dial(server);
    const streams = Array.from({ length: 150 }, () => call(session, "ListOperations", list));
    while (tally.lists < 1) await settled(1);
    await standstill(tally);
    const most = tally.lists;
    assert.ok(most <= LIMITS.connectionCallsMax, `${most} pages`);
    // Others are answered.
    const name = await server.start();
    assert.equal((await server.client.get(name)).name, name);
    await read(session, streams);
    assert.equal(tally.lists, 150);
    session.close();
  });

  test("delays another caller by the pages in progress, and not by all that it requested", async () => {
    await using server = await openGrpcTest();
    await fill(server, 200);
    const name = await server.start();
    const tally = tallyOf(server);
    const session = await dial(server);
    const streams = Array.from({ length: 60 }, () => call(session, "ListOperations", list));
    while (tally.lists < 1) await settled(1);
    await server.client.get(name);
    assert.ok(tally.lists <= 20, `${tally.lists} pages before`);
    await read(session, streams);
    session.close();
  });

  test("has few operations read for it, whether it gets them or waits for them", async () => {
    await using server = await openGrpcTest();
    const calls = [
      ["GetOperation", [GetOperationRequestSchema, { name: await server.start() }]],
      ["WaitOperation", [WaitOperationRequestSchema, { name: await server.start("a/b"), timeout: {} }]],
    ] as const;
    for (const [method, request] of calls) {
      const tally = tallyOf(server);
      const session = await dial(server);
      const streams = Array.from({ length: 1_000 }, () =>
        method === "GetOperation" ? call(session, method, request) : call(session, method, request),
      );
      await standstill(tally);
      assert.ok(tally.reads <= LIMITS.connectionCallsMax, `${tally.reads} reads for ${method}`);
      await read(session, streams);
      session.close();
    }
  });

  test("waits for thousands of operations and is answered for all of them, a bounded number at once", async () => {
    await using server = await openGrpcTest();
    const name = await server.start();
    const session = await dial(server);
    const wait = [WaitOperationRequestSchema, { name }] as const;
    const streams = Array.from({ length: 3_000 }, () => call(session, "WaitOperation", wait));
    while (server.engine.operations.waiting < 3_000) await settled(10);
    const tally = tallyOf(server);
    await server.engine.operations.cancel(ANONYMOUS, name);
    await standstill(tally);
    assert.equal(server.engine.operations.waiting, 0);
    assert.ok(tally.reads <= LIMITS.connectionCallsMax + 2, `${tally.reads} reads`);
    await read(session, streams);
    session.close();
  });

  test("is forgotten with all its requests when it hangs up", async () => {
    await using server = await openGrpcTest();
    const name = await server.start();
    const session = await dial(server);
    for (let count = 0; count < 300; count++) {
      call(session, "GetOperation", [GetOperationRequestSchema, { name: UNKNOWN }]);
      call(session, "WaitOperation", [WaitOperationRequestSchema, { name }]);
    }
    while (server.engine.operations.waiting === 0) await settled(10);
    const tally = tallyOf(server);
    session.destroy();
    while (server.engine.operations.waiting > 0) await settled(10);
    await standstill(tally);
    assert.ok(tally.reads <= LIMITS.connectionCallsMax, `${tally.reads} reads for nobody`);
  });
});
