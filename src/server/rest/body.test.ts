import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { StatusError } from "../../core/error/error.ts";
import { silence } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import { listen } from "../listening/listen.ts";
import { tooManyBodies } from "../sharing/body-room.ts";
import { Hold, Room } from "../sharing/room.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { decompressed, parseJsonObject, readBytes } from "./body.ts";
import { openRestServer, type RestServer } from "./rest-server.suite.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const hold = (): Hold => new Hold(new Room(new ManualClock(), LIMITS.bodyBytesMax, tooManyBodies));

suite("parseJsonObject()", () => {
  for (const text of ["", " \r\n", "{}"]) {
    test(`reads ${JSON.stringify(text)} as an empty object (contract 3.5)`, () => {
      assert.deepEqual(parseJsonObject(bytes(text)), {});
    });
  }

  test("skips a byte order mark", () => assert.deepEqual(parseJsonObject(bytes('\ufeff{"a":1}')), { a: 1 }));

  for (const key of ["__proto__", "\\u005f_proto__", "__pr\\u006fto__"]) {
    test(`makes ${key} harmless`, () => {
      const object = parseJsonObject(bytes(`{"a":{"${key}":{"admin":true}},"b":1}`));
      assert.deepEqual(Object.keys(object["a"] as object), []);
      assert.equal((Object.assign({}, object["a"]) as { admin?: boolean }).admin, undefined);
      assert.equal(object["b"], 1);
    });
  }

  test("treats null and an empty text, which google-gax sends for a missing body, as missing", () => {
    for (const text of ["", " ", "null", '""']) assert.deepEqual(parseJsonObject(bytes(text)), {});
  });

  const refused: [sentence: string, body: Uint8Array][] = [
    ["what is not JSON", bytes("{")],
    ["a form", bytes("a=1")],
    ["an array", bytes("[]")],
    ["a text", bytes('"a"')],
    ["what is not UTF-8", Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ["what is nested too deep", bytes(`${'{"a":'.repeat(101)}1${"}".repeat(101)}`)],
    ["what would exhaust the parser's stack", bytes("[".repeat(500_000))],
  ];
  for (const [sentence, body] of refused) {
    test(`refuses ${sentence}`, () => {
      assert.throws(
        () => parseJsonObject(body),
        (error) => error instanceof StatusError && error.reason === "BODY_INVALID",
      );
    });
  }
});

suite("readBytes()", () => {
  test("refuses a body that is too large, announced or not, and continues to answer", async () => {
    await using server = await openRestServer();
    const body = `{"directory":"${"a".repeat(LIMITS.bodyBytesMax)}"}`;
    const announced = await server.call("POST", "/v1:createArchive", { body });
    assert.equal(announced.status, 413);
    assert.equal(announced.json?.error?.details[0]?.reason, "BODY_TOO_LARGE");
    const stream = new Blob([body]).stream();
    const chunked = await fetch(`${server.url}/v1:createArchive`, {
      method: "POST",
      headers: { connection: "close" },
      body: stream,
      duplex: "half",
    });
    assert.equal(chunked.status, 413);
    assert.match(await chunked.text(), /BODY_TOO_LARGE/);
    assert.equal((await server.call("GET", "/v1/operations")).status, 200);
  });

  test("accepts a body of exactly the limit, announced or not", async () => {
    await using server = await openRestServer();
    const body = `{"directory":"${"a".repeat(LIMITS.bodyBytesMax - 16)}"}`;
    assert.equal(body.length, LIMITS.bodyBytesMax);
    const call = { method: "POST", body: new Blob([body]).stream(), duplex: "half" } as const;
    assert.equal((await fetch(`${server.url}/v1:createArchive`, call)).status, 200);
    assert.equal((await server.call("POST", "/v1:createArchive", { body })).status, 200);
  });

  test("leaves no listener on a request that it has read", async () => {
    const request = Object.assign(new PassThrough(), { headers: {} });
    const counts = (): number[] =>
      ["data", "end", "error", "close"].map((event) => request.listenerCount(event));
    const before = counts();
    const read = readBytes(request as unknown as IncomingMessage, 10, hold());
    request.end("{}");
    assert.equal((await read).length, 2);
    assert.deepEqual(counts(), before);
  });

  test("reads a body that has already arrived without listeners, in however many pieces it came", async () => {
    const request = Object.assign(new PassThrough(), { headers: {}, httpVersionMajor: 1, complete: true });
    for (const piece of ["{", "", '"a":1', "}"]) request.write(piece);
    request.end();
    const read = readBytes(request as unknown as IncomingMessage, 7, hold());
    assert.equal(request.listenerCount("data"), 0);
    assert.equal(new TextDecoder().decode(await read), '{"a":1}');
    await once(request, "end");
  });

  test("refuses a body that has already arrived and is too large", async () => {
    const request = Object.assign(new PassThrough(), { headers: {}, httpVersionMajor: 1, complete: true });
    request.end("12345678");
    const read = readBytes(request as unknown as IncomingMessage, 7, hold());
    await assert.rejects(read, { reason: "BODY_TOO_LARGE" });
  });

  test("accepts the body that a framework has already read and parsed", async () => {
    const read: unknown[] = [];
    const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString());
      read.push(parseJsonObject(await readBytes(Object.assign(request, { body }), 1_000, hold())));
      response.end();
    };
    const handle = (request: IncomingMessage, response: ServerResponse): void =>
      void listener(request, response);
    const listening = await listen(handle, { host: "127.0.0.1", port: 0, tell: silence });
    const headers = { connection: "close" };
    await fetch(`http://127.0.0.1:${listening.port}/`, { method: "POST", body: '{"a":1}', headers });
    await listening.close();
    assert.deepEqual(read, [{ a: 1 }]);
  });

  test("gives a parse error its own reason in v1 (contract 4.3)", async () => {
    await using server = await openRestServer();
    const { status, json } = await server.call("POST", "/v1:createArchive?$.xgafv=1", { body: "{" });
    assert.equal(status, 400);
    assert.equal(json?.error?.errors?.[0]?.["reason"], "parseError");
  });
});

const reasonOf = async (body: Uint8Array, encoding: string): Promise<unknown> =>
  decompressed(body, encoding, 1_000).catch((error: unknown) => (error as StatusError).reason);

suite("decompressed()", () => {
  test("reads gzip, which Google's Java clients send", async () => {
    for (const encoding of ["gzip", "x-gzip", "GZIP"]) {
      assert.deepEqual(parseJsonObject(await decompressed(gzipSync('{"a":1}'), encoding, 1_000)), { a: 1 });
    }
  });

  test("leaves uncompressed and missing bodies unchanged", async () => {
    for (const encoding of [undefined, "", "identity"]) {
      assert.deepEqual(await decompressed(bytes("{}"), encoding, 1_000), bytes("{}"));
    }
    assert.equal((await decompressed(new Uint8Array(), "br", 1_000)).length, 0);
  });

  test("refuses other encodings, invalid gzip, and data that expands beyond the limit", async () => {
    assert.equal(await reasonOf(bytes("{}"), "br"), "CONTENT_TYPE_UNSUPPORTED");
    assert.equal(await reasonOf(bytes("{}"), "gzip"), "BODY_INVALID");
    assert.equal(await reasonOf(gzipSync(" ".repeat(1_000_000)), "gzip"), "BODY_TOO_LARGE");
  });
});

/** Resolves when a body waits for room. */
async function waits({ bodies }: RestServer): Promise<void> {
  while (bodies.waiting === 0) await settled();
}

suite("a body without room", () => {
  const body = JSON.stringify({ directory: "a".repeat(100_000) });
  const compressed = new Uint8Array(gzipSync(body));

  for (const transport of ["http1", "h2c"] as const) {
    for (const [sentence, sent, headers] of [
      ["", body, { "content-length": String(body.length) }],
      [", of unknown length", body, {}],
      [", compressed", compressed, { "content-encoding": "gzip" }],
    ] as const) {
      test(`waits for room, and other calls do not wait (${transport}${sentence})`, async () => {
        await using server = await openRestServer(undefined, {}, transport);
        assert.equal(server.bodies.take(LIMITS.batchBytesMax), true);
        const call = server.call("POST", "/v1:createArchive", { body: sent, headers });
        await waits(server);
        assert.equal((await server.call("GET", "/v1/operations")).status, 200);
        assert.equal(
          (await server.call("POST", "/v1:createArchive", { body: '{"directory":"a"}' })).status,
          200,
        );
        server.bodies.give(LIMITS.batchBytesMax);
        assert.equal((await call).status, 200);
      });
    }

    test(`is refused after some time (${transport})`, async () => {
      await using server = await openRestServer(undefined, {}, transport);
      assert.equal(server.bodies.take(LIMITS.batchBytesMax), true);
      const call = server.call("POST", "/v1:createArchive", { body });
      await waits(server);
      await server.clock.advance(LIMITS.bodyRoomWaitMs);
      const { status, headers, json } = await call;
      assert.deepEqual([status, headers.get("retry-after")], [503, "1"]);
      assert.equal(json?.error?.details[0]?.reason, "TOO_MANY_BODIES");
      server.bodies.give(LIMITS.batchBytesMax);
    });
  }

  test("stops waiting when its caller hangs up", async () => {
    const request = Object.assign(new PassThrough(), { headers: { "content-length": "7" } });
    const turn = Promise.withResolvers<void>();
    const late = { take: () => turn.promise, keep: () => undefined };
    const read = readBytes(request as unknown as IncomingMessage, 7, late);
    request.destroy();
    turn.resolve();
    await assert.rejects(read, { reason: "BODY_INVALID" });
  });

  test("returns its room when its call waits for the operation", async () => {
    await using server = await openRestServer();
    const { promise: started, resolve } = Promise.withResolvers<void>();
    server.engine.operations.watch(() => resolve());
    const call = server.call("POST", "/v1:createArchive", { body, headers: { prefer: "wait=5" } });
    await started;
    while (!server.bodies.isIdle) await settled();
    await server.clock.advance(5_000);
    assert.equal((await call).status, 202);
  });
});
