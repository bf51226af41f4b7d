import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { anonymously } from "../../authenticate.ts";
import { systemClock } from "../../../core/ports/clock.ts";
import { LIMITS } from "../../../core/limits.ts";
import { settled } from "../../../testing/manual-clock.ts";
import { seededRandom } from "../../../testing/seeded-random.ts";
import { withoutConnection } from "../without-connection.suite.ts";
import type { RestRequest } from "../request.ts";
import { type Called, callToHangUp, openRestServer, type RestServer } from "../rest-server.suite.ts";
import { answerBatch } from "./batch.ts";

const BOUNDARY = "===============7330845974216740156==";
const TYPE = `multipart/mixed; boundary="${BOUNDARY}"`;

/** A batch as Python's client writes it. */
function batchOf(calls: readonly string[], end = "\n"): string {
  const parts = calls.map((call, index) =>
    [
      `--${BOUNDARY}`,
      "Content-Type: application/http",
      `Content-ID: <b29c + ${index + 1}>`,
      "",
      call,
      "",
    ].join(end),
  );
  return [...parts, `--${BOUNDARY}--`, ""].join(end);
}

/** The request of a batch, without a connection. */
function requestOf(body: string): RestRequest {
  return {
    method: "POST",
    target: "/batch",
    headers: { "content-type": TYPE },
    gone: false,
    inBatch: false,
    waitMsMax: undefined,
    localHost: "127.0.0.1:80",
    isSecure: false,
    ...withoutConnection,
    keepBody: () => undefined,
    readBody: () => Promise.resolve(Buffer.from(body)),
  };
}

function post(server: RestServer, body: string, path = "/batch", headers = {}): Promise<Called> {
  return server.call("POST", path, { body, headers: { "content-type": TYPE, ...headers } });
}

/**
 * Status, id and body of each part, split as Python's client does it: at the boundary and at CRLF
 * CRLF.
 */
function partsOf(called: Called): { readonly id: string; readonly status: number; readonly body: string }[] {
  const boundary = /boundary=(\S+)$/.exec(called.headers.get("content-type") ?? "")?.[1] ?? "";
  const pieces = called.text.split(`--${boundary}`);
  assert.equal(pieces[0], "");
  assert.equal(pieces.at(-1), "--\r\n");
  return pieces.slice(1, -1).map((piece) => {
    const [outer = "", inner = "", ...body] = piece.split("\r\n\r\n");
    return {
      id: /Content-ID: (.*)/.exec(outer)?.[1] ?? "",
      status: Number(/^HTTP\/1\.1 (\d{3}) /.exec(inner)?.[1]),
      body: body.join("\r\n\r\n"),
    };
  });
}

suite("a batch", () => {
  test("answers each call in its part and in order, with errors inside (contract 5.4)", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const called = await post(
      server,
      batchOf([
        `GET /v1/${name}?alt=json HTTP/1.1\nContent-Type: application/json\n\n`,
        "GET /v1/operations/x?$.xgafv=1 HTTP/1.1\n\n",
        'POST /v1:createArchive HTTP/1.1\ncontent-length: 18\n\n{"directory":"/b"}',
        `GET ${server.url}/v1/${name} HTTP/1.1\nX-Goog-FieldMask: name\n\n`,
        "POST /v1/operations HTTP/1.1\nX-HTTP-Method-Override: GET\nContent-Type: application/x-www-form-urlencoded\n\npageSize=1&fields=operations(name)",
        "hello",
        `POST /batch HTTP/1.1\ncontent-type: ${TYPE}\n\n--${BOUNDARY}x--`,
      ]),
    );
    assert.equal(called.status, 200);
    const parts = partsOf(called);
    assert.deepEqual(
      parts.map(({ status }) => status),
      [200, 404, 200, 200, 200, 400, 400],
    );
    assert.deepEqual(
      parts.map(({ id }) => id),
      parts.map((_, index) => `<response-b29c + ${index + 1}>`),
    );
    assert.match(parts[0]?.body ?? "", new RegExp(`^\\{\\n {2}"name": "${name}"`));
    assert.match(parts[1]?.body ?? "", /"errors": \[/);
    assert.deepEqual(JSON.parse(parts[3]?.body ?? ""), { name });
    assert.match(parts[4]?.body ?? "", /^\{\n {2}"operations": \[\n {4}\{\n {6}"name": /);
    assert.match(parts[6]?.body ?? "", /cannot hold another batch/);
    assert.equal((await server.call("GET", "/v1/operations")).json?.operations?.length, 2);
  });

  test("accepts CRLF, a longer address, UTF-8, and no Content-ID (contract 5.4)", async () => {
    await using server = await openRestServer();
    const call = 'POST /v1:createArchive HTTP/1.1\r\n\r\n{"directory":"/é"}';
    const body = batchOf([call], "\r\n").replace(/Content-ID.*\r\n/, "");
    const called = await post(server, body, "/batch/archive/v1");
    assert.deepEqual(
      partsOf(called).map(({ id, status }) => [id, status]),
      [["", 200]],
    );
    const stored = await server.store.list({
      collection: { parent: "", isWide: false },
      filter: null,
      order: { by: "createTime", descending: true },
      after: null,
      limit: 1,
    });
    assert.equal(stored.operations[0]?.request, '{"directory":"/é"}');
  });

  test("writes the length of each body in bytes, and a blank line if there is none", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const etag = (await server.call("GET", `/v1/${name}`)).headers.get("etag");
    const { text } = await post(
      server,
      batchOf([`GET /v1/${name} HTTP/1.1\nif-none-match: ${etag}\n\n`, "GET /é HTTP/1.1\n\n"]),
    );
    assert.match(text, /HTTP\/1\.1 304 Not Modified\r\nEtag: .*\r\n\r\n\r\n--/);
    const [, length = "", body = ""] =
      /HTTP\/1\.1 404 Not Found\r\n[^]*?Content-Length: (\d+)\r\n\r\n([^]*)\r\n--batch/.exec(text) ?? [];
    assert.equal(Buffer.byteLength(body), Number(length));
  });

  test("lets its calls wait no longer together than one may, and all at once", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const waits = Array.from(
      { length: LIMITS.batchConcurrency + 5 },
      () => `POST ${path}:wait?timeout=40s HTTP/1.1\n\n`,
    );
    const waiting = post(server, batchOf(waits), "/batch", { "x-server-timeout": "10" });
    await server.untilWaiting(LIMITS.batchConcurrency);
    await server.clock.advance(9_750);
    assert.deepEqual(new Set(partsOf(await waiting).map(({ status }) => status)), new Set([200]));
  });

  test("stops when the caller hangs up", async () => {
    await using server = await openRestServer();
    const path = `/v1/${await server.start()}`;
    const body = batchOf([`POST ${path}:wait HTTP/1.1\n\n`, `POST ${path}:wait HTTP/1.1\n\n`]);
    const hangUp = callToHangUp(`${server.url}/batch`, { body, headers: { "content-type": TYPE } });
    await server.untilWaiting(2);
    hangUp();
    await server.untilWaiting(0);
    assert.deepEqual(server.logged, []);
  });

  test("accepts a thousand calls and no more (contract 5.4)", async () => {
    await using server = await openRestServer();
    const calls = Array.from({ length: LIMITS.batchCallsMax }, () => "GET /v1/operations/x HTTP/1.1\n\n");
    assert.equal(partsOf(await post(server, batchOf(calls))).length, 1_000);
    const { status, json } = await post(server, batchOf([...calls, "GET / HTTP/1.1\n\n"]));
    assert.equal(status, 400);
    assert.match(json?.error?.message ?? "", /at most 1000 calls/);
  });

  test("begins no more calls when the answers are large enough, however many run at once", async () => {
    await using server = await openRestServer();
    const parent = `projects/${"p".repeat(900)}`;
    await Promise.all(Array.from({ length: 200 }, () => server.start(parent)));
    const list = `GET /v1/${parent}/operations?pageSize=200 HTTP/1.1\n\n`;
    const parts = partsOf(await post(server, batchOf(Array.from({ length: 200 }, () => list))));
    const answered = parts.filter(({ status }) => status === 200);
    const bytes = answered.reduce((sum, { body }) => sum + body.length, 0);
    assert.ok(bytes > LIMITS.batchAnswerBytesMax, String(bytes));
    const most = LIMITS.batchAnswerBytesMax + 2 * (answered[0]?.body.length ?? 0);
    assert.ok(bytes < most, `${bytes} bytes of ${answered.length} answers`);
    const refused = parts.slice(answered.length);
    assert.ok(refused.length > 0);
    assert.ok(refused.every(({ status, body }) => status === 429 && body.includes("BATCH_TOO_LARGE")));
  });

  test("lets other callers have their turns, although its calls run at once", async () => {
    let timeMs = 0;
    const inTurn: number[] = [0];
    let answered = false;
    const next = (): void => {
      inTurn.push(0);
      if (!answered) systemClock.soon(next);
    };
    systemClock.soon(next);
    const calls = Array.from({ length: 20 }, () => "GET / HTTP/1.1\n\n");
    await answerBatch(requestOf(batchOf(calls)), {
      query: [],
      root: "/",
      waitMsMax: 1_000,
      authenticate: anonymously,
      random: seededRandom(1),
      clock: { ...systemClock, monotonic: () => timeMs },
      answer: () => {
        timeMs += 4;
        inTurn[inTurn.length - 1] = (inTurn.at(-1) ?? 0) + 1;
        return Promise.resolve({ status: 200, headers: {}, body: "{}" });
      },
    });
    answered = true;
    assert.equal(Math.max(...inTurn), 3, "10 ms of 4 ms each");
  });

  test("limits concurrent calls", async () => {
    const { batchConcurrency } = LIMITS;
    const released = Promise.withResolvers<void>();
    const full = Promise.withResolvers<void>();
    let [begun, underWay, most] = [0, 0, 0];
    const calls = Array.from({ length: batchConcurrency + 9 }, () => "GET / HTTP/1.1\n\n");
    const answering = answerBatch(requestOf(batchOf(calls)), {
      query: [],
      root: "/",
      waitMsMax: 1_000,
      random: seededRandom(1),
      authenticate: anonymously,
      clock: systemClock,
      answer: async () => {
        if (++begun === batchConcurrency) full.resolve();
        most = Math.max(most, ++underWay);
        await released.promise;
        underWay--;
        return { status: 200, headers: {}, body: "{}" };
      },
    });
    await full.promise;
    await settled(20);
    assert.equal(begun, batchConcurrency);
    released.resolve();
    await answering;
    assert.deepEqual([begun, most], [batchConcurrency + 9, batchConcurrency]);
  });

  const refused: [sentence: string, body: string, headers: Record<string, string>, path: string][] = [
    ["another content type", "{}", { "content-type": "application/json" }, "/batch"],
    ["no boundary", batchOf([]), { "content-type": "multipart/mixed" }, "/batch"],
    ["a body that was cut", batchOf(["GET /v1/operations HTTP/1.1\n\n"]).slice(0, -20), {}, "/batch"],
    ["no calls", batchOf([]), {}, "/batch"],
    ["unknown parameters", batchOf(["GET /v1/operations HTTP/1.1\n\n"]), {}, "/batch?x=1"],
  ];
  for (const [sentence, body, headers, path] of refused) {
    test(`is refused for ${sentence}, without any effect`, async () => {
      await using server = await openRestServer();
      const { status, json } = await post(server, body, path, headers);
      assert.equal(status, 400);
      assert.equal(json?.error?.status, "INVALID_ARGUMENT");
    });
  }

  test("is supported for POST only", async () => {
    await using server = await openRestServer();
    const { status, headers } = await server.call("GET", "/batch");
    assert.equal(status, 405);
    assert.equal(headers.get("allow"), "POST");
  });
});
