import assert from "node:assert/strict";
import { connect, constants } from "node:http2";
import { suite, test } from "node:test";
import { Client, compressionAlgorithms, credentials, Metadata, status } from "@grpc/grpc-js";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import { type GrpcTest, openGrpcTest, operationsPath } from "./grpc-server.suite.ts";

const GET = operationsPath("GetOperation");
/** A request for an operation with a name of this length. */
const named = (length: number): Buffer => {
  const name = Buffer.alloc(length, "a");
  return Buffer.concat([
    Buffer.from([10, (length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14]),
    name,
  ]);
};
const LARGE = named(100_000);
const REFUSED = { code: status.INVALID_ARGUMENT };

const same = (each: Buffer): Buffer => each;

/** Resolves when a message waits for room. */
const waits = async ({ bodies }: GrpcTest): Promise<void> => {
  while (bodies.waiting === 0) await settled();
};

suite("a large gRPC message without room", () => {
  test("waits for room, and other calls do not wait", async () => {
    await using server = await openGrpcTest();
    const name = await server.start();
    server.bodies.take(LIMITS.batchBytesMax);
    const call = assert.rejects(server.client.bytes(GET, LARGE), REFUSED);
    await waits(server);
    assert.equal((await server.client.get(name)).name, name);
    server.bodies.give(LIMITS.batchBytesMax);
    await call;
  });

  test("is refused after some time", async () => {
    await using server = await openGrpcTest();
    server.bodies.take(LIMITS.batchBytesMax);
    const session = connect(`http://127.0.0.1:${server.listening.port}`);
    // Clients of gRPC would repeat the call.
    const stream = session.request({ ":method": "POST", ":path": GET, "content-type": "application/grpc" });
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(LARGE.length, 1);
    stream.on("error", () => undefined).write(Buffer.concat([prefix, LARGE]));
    const closed = new Promise<void>((resolve) => stream.on("close", resolve));
    await waits(server);
    await server.clock.advance(LIMITS.bodyRoomWaitMs);
    await closed;
    assert.equal(stream.rstCode, constants.NGHTTP2_REFUSED_STREAM);
    session.destroy();
    server.bodies.give(LIMITS.batchBytesMax);
  });

  test("leaves the queue when its caller hangs up", async () => {
    await using server = await openGrpcTest();
    server.bodies.take(LIMITS.batchBytesMax);
    const call = server.client.bytes(GET, LARGE, {
      onCall: (each) => void waits(server).then(() => each.cancel()),
    });
    await assert.rejects(call, { code: status.CANCELLED });
    while (server.bodies.waiting > 0) await settled();
    server.bodies.give(LIMITS.batchBytesMax);
  });

  test("waits before any of it is decompressed", async () => {
    await using server = await openGrpcTest();
    const client = new Client(`127.0.0.1:${server.listening.port}`, credentials.createInsecure(), {
      "grpc.default_compression_algorithm": compressionAlgorithms.gzip,
    });
    server.bodies.take(LIMITS.batchBytesMax);
    const ended = new Promise<number | undefined>((resolve) => {
      client.makeUnaryRequest(GET, same, same, LARGE, new Metadata(), {}, (error) => resolve(error?.code));
    });
    await waits(server);
    server.bodies.give(LIMITS.batchBytesMax);
    assert.equal(await ended, status.INVALID_ARGUMENT);
    client.close();
  });
});
