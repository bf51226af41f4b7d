import assert from "node:assert/strict";
import { connect, type ClientHttp2Session } from "node:http2";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { type ClientUnaryCall, credentials, Metadata, status } from "@grpc/grpc-js";
import { LIMITS } from "../../core/limits.ts";
import { silence } from "../../core/events.ts";
import { settled } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import {
  OperationSchema,
  WaitOperationRequestSchema,
} from "../../wire/gen/google/longrunning/operations_pb.ts";
import { FIRST_PAIR } from "../listening/certificates.suite.ts";
import { anonymously } from "../authenticate.ts";
import { Shares } from "../sharing/shares.ts";
import type { HttpListener } from "../front.ts";
import { listen } from "../listening/listen.ts";
import { Http2Server } from "../http2/http2-server.ts";
import { GrpcDoor } from "./door.ts";
import { GrpcClient, openGrpcTest, operationsPath, refusal, statusOf } from "./grpc-server.suite.ts";

const GET = operationsPath("GetOperation");
const WAIT = [WaitOperationRequestSchema, OperationSchema] as const;

describe("the server side of gRPC for its clients (contract 7)", () => {
  it("is on the port of REST, without TLS, by prior knowledge", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    assert.equal((await test.client.get(name)).name, name);
    const rest = await fetch(`http://127.0.0.1:${test.listening.port}/v1/${name}`);
    assert.equal(((await rest.json()) as { name: string }).name, name);
  });

  it("sends a status with details that say the same", async () => {
    await using test = await openGrpcTest();
    const error = await refusal(test.client.get("operations/x"));
    const sent = statusOf(error);
    assert.deepEqual([sent.code, sent.message], [error.code, error.details]);
    assert.equal(sent.details[0]?.typeUrl, "type.googleapis.com/google.rpc.ErrorInfo");
  });

  it("accepts any metadata", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const metadata = new Metadata();
    for (const key of ["client", "request-params", "user-project", "api-key", "fieldmask", "api-version"]) {
      metadata.set(`x-goog-${key}`, "a=b&c=%2F");
    }
    metadata.set("authorization", "Bearer x");
    metadata.set("x-server-timeout", "5");
    metadata.set("some-bin", Buffer.of(0, 255));
    const bytes = await test.client.bytes(GET, Buffer.from(`\n${String.fromCodePoint(name.length)}${name}`), {
      metadata,
    });
    assert.ok(bytes.includes(name));
  });

  it("answers UNIMPLEMENTED for unknown methods, whatever their names", async () => {
    await using test = await openGrpcTest();
    for (const path of ["/google.longrunning.Operations/Start", "/a.B/C", "/", "/%00%ff"]) {
      assert.equal((await refusal(test.client.bytes(path, Buffer.of()))).code, status.UNIMPLEMENTED, path);
    }
  });

  it("answers INVALID_ARGUMENT for invalid messages", async () => {
    await using test = await openGrpcTest();
    for (const method of ["Get", "List", "Delete", "Cancel", "Wait"]) {
      const path = operationsPath(`${method}Operation${method === "List" ? "s" : ""}`);
      const error = await refusal(test.client.bytes(path, Buffer.of(0x0a, 0x7f, 0xff)));
      assert.equal(error.code, status.INVALID_ARGUMENT, method);
    }
    assert.equal(test.logged.length, 0);
  });

  it("accepts messages of 4 MiB, and no larger ones", async () => {
    await using test = await openGrpcTest();
    const large = (bytes: number) => refusal(test.client.bytes(GET, Buffer.alloc(bytes, 0x20)));
    // No request to Operations is that large; a request to a user's service may be.
    assert.equal((await large(LIMITS.grpcReceiveBytesMax)).code, status.INVALID_ARGUMENT);
    assert.equal((await large(LIMITS.grpcReceiveBytesMax + 1)).code, status.RESOURCE_EXHAUSTED);
  });

  it("reads compressed requests", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const request = gzipSync(Buffer.from(`\n${String.fromCodePoint(name.length)}${name}`));
    const session = connect(`http://127.0.0.1:${test.listening.port}`);
    const answer = await rawCall(session, Buffer.concat([lengthPrefix(request.length, 1), request]));
    assert.ok(answer.includes(name));
    session.destroy();
  });
});

function lengthPrefix(length: number, compressed: number): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(compressed, 0);
  prefix.writeUInt32BE(length, 1);
  return prefix;
}

async function rawCall(session: ClientHttp2Session, body: Buffer): Promise<Buffer> {
  const stream = session.request({
    ":method": "POST",
    ":path": GET,
    "content-type": "application/grpc",
    "grpc-encoding": "gzip",
    te: "trailers",
  });
  stream.end(body);
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

describe("a server that stops", () => {
  it("answers waiters, and closes once no call is in progress", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const wait = test.client.call(operationsPath("WaitOperation"), WAIT, { name });
    while (test.engine.operations.waiting === 0) await settled();
    const closed = test.listening.close();
    // The existing connection accepts no new calls.
    test.engine.operations.stop();
    assert.equal((await wait).name, name);
    await closed;
    assert.equal((await refusal(test.client.get(name))).code, status.UNAVAILABLE);
  });

  it("cuts calls that are still in progress after the grace period", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const wait = refusal(test.client.call(operationsPath("WaitOperation"), WAIT, { name }));
    while (test.engine.operations.waiting === 0) await settled();
    const closed = test.listening.close({ graceMs: 1_000 });
    await test.clock.advance(1_000);
    await closed;
    assert.equal((await wait).code, status.UNAVAILABLE);
  });

  it("forgets the waits of a connection that is cut", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    let call: ClientUnaryCall | undefined;
    const options = { onCall: (each: ClientUnaryCall) => (call = each) };
    const wait = refusal(test.client.call(operationsPath("WaitOperation"), WAIT, { name }, options));
    while (test.engine.operations.waiting === 0) await settled();
    test.client.close();
    call?.cancel();
    await wait;
    while (test.engine.operations.waiting > 0) await settled();
  });
});

const rest: HttpListener = (_, response) => void response.end("rest");

describe("TLS", () => {
  it("serves gRPC to clients that speak only HTTP/2", async () => {
    await using test = await openGrpcTest();
    const { operations, workers } = test.engine;
    const parts = {
      name: "archive",
      workers,
      shares: new Shares(test.clock),
      authenticate: anonymously,
      clock: test.clock,
      random: seededRandom(1),
      tell: silence,
    };
    const listening = await listen(rest, {
      host: "127.0.0.1",
      port: 0,
      tell: silence,
      tls: FIRST_PAIR,
      http2: new Http2Server({ http: rest, grpc: new GrpcDoor(operations, parts), clock: test.clock }),
    });
    const client = new GrpcClient(listening.port, credentials.createSsl(Buffer.from(FIRST_PAIR.cert)));
    const name = await test.start();
    assert.equal((await client.get(name)).name, name);
    client.close();
    await listening.close();
  });
});
