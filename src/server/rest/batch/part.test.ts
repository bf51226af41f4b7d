import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { StatusError } from "../../../core/error/error.ts";
import { LIMITS } from "../../../core/limits.ts";
import { anonymously } from "../../authenticate.ts";
import type { RestRequest } from "../request.ts";
import { inheritedHeaders, PartRequest } from "./part.ts";

const OUTER = {
  gone: false,
  localHost: "127.0.0.1:1",
  isSecure: true,
  mount: "tools/",
  waiting: () => new AbortController().signal,
};

function partOf(body: string, headers = {}, inherited = {}): PartRequest {
  const options = { inherited, waitMsLeft: () => 7, authenticate: anonymously, root: "/tools/" };
  return new PartRequest({ headers, body }, OUTER as unknown as RestRequest, options);
}

const read = async (text: string): Promise<string> => Buffer.from(await partOf(text).readBody(20)).toString();

/** A request line of the given length. */
const line = (length: number): string => `GET /${"a".repeat(length - 6)}\n`;

const quotaOf = async (own: string): Promise<unknown> =>
  (await partOf(`GET /\n${own}\n`, {}, { "x-goog-user-project": "outer" }).caller()).quotaProject;

suite("PartRequest", () => {
  test("has its path below the service, wherever a framework has mounted it", () => {
    const targets = [
      "/tools/v1/operations?filter=a",
      "/v1/operations",
      "http://a.example/tools/v1",
      "/tools",
    ];
    assert.deepEqual(
      targets.map((target) => partOf(`GET ${target} HTTP/1.1\n\n`).target),
      ["/v1/operations?filter=a", "/v1/operations", "/v1", "/tools"],
    );
    assert.equal(partOf("GET / HTTP/1.1\n\n").mount, "tools/");
  });

  test("takes headers by which a proxy identifies the caller only from the batch", () => {
    const text =
      "GET / HTTP/1.1\nX-User: eve\nClient-Cert: :ZXZl:\nX-Goog-Authenticated-User-Email: eve\nAuthorization: Bearer own\n\n";
    const { headers } = partOf(text, {}, { "x-user": "ada", authorization: "Bearer outer" });
    assert.deepEqual({ ...headers }, { "x-user": "ada", authorization: "Bearer own" });
  });

  test("reads what Python sends (contract 5.4)", async () => {
    const text =
      "GET /v1/operations/1?alt=json HTTP/1.1\nContent-Type: application/json\nHost: 127.0.0.1:8080\n\n\n";
    const part = partOf(text, { "content-type": "application/http" });
    assert.deepEqual([part.method, part.target], ["GET", "/v1/operations/1?alt=json"]);
    assert.deepEqual([part.headers.host, part.inBatch, part.gone], ["127.0.0.1:8080", true, false]);
    assert.deepEqual(
      [part.waitMsMax, part.localHost, part.isSecure, part.waiting().aborted],
      [7, "127.0.0.1:1", true, false],
    );
    assert.equal((await part.readBody(10)).length, 0);
  });

  test("has the caller of its own headers, and otherwise that of the batch's", async () => {
    assert.deepEqual([await quotaOf(""), await quotaOf("x-goog-user-project: own\n")], ["outer", "own"]);
  });

  const lines: [text: string, method: string, target: string][] = [
    ["post http://a.example/v1:b HTTP/1.1\r\n\r\n", "POST", "http://a.example/v1:b"],
    ["\r\n\r\nDELETE /v1/operations/1", "DELETE", "/v1/operations/1"],
  ];
  for (const [text, method, target] of lines) {
    test(`reads ${JSON.stringify(text)}`, () => {
      const part = partOf(text);
      assert.deepEqual([part.method, part.target], [method, target]);
    });
  }

  test("reads as much body as its length says, otherwise the rest, as bytes", async () => {
    assert.equal(await read("POST / HTTP/1.1\ncontent-length: 2\n\n{}\n\n"), "{}");
    assert.equal(await read("POST / HTTP/1.1\n\n{}\n"), "{}");
    const latin1 = Buffer.from("é").toString("latin1");
    assert.equal(await read(`POST / HTTP/1.1\n\n${latin1}`), "é");
    await assert.rejects(read(`POST / HTTP/1.1\n\n${"a".repeat(21)}`), { reason: "BODY_TOO_LARGE" });
  });

  test("accepts an address and headers as long as a connection does, and no longer", () => {
    const { headerBytesMax } = LIMITS;
    assert.equal(partOf(line(headerBytesMax)).target.length, headerBytesMax - 5);
    const half = headerBytesMax / 2;
    const own = partOf(`${line(half)}prefer: ${"b".repeat(half - 8)}\n\n`).headers["prefer"];
    assert.equal(own?.length, half - 8);
    const tooLong = [
      line(headerBytesMax + 1),
      line(5_000_000),
      `${line(half)}a: ${"b".repeat(half - 2)}\n\n`,
      `GET /\nif-none-match: ${'"a",'.repeat(1_000_000)}\n\n`,
      `GET /\n${"a: b\n".repeat(LIMITS.headersMax + 1)}\n`,
    ];
    for (const text of tooLong) assert.throws(() => partOf(text), { reason: "HEADERS_TOO_LARGE" });
  });

  for (const [text, headers] of [
    ["", {}],
    ["hello\n", {}],
    ["GET /", { "content-type": "application/json" }],
  ] as const) {
    test(`refuses ${JSON.stringify(text)} of ${JSON.stringify(headers)}`, () => {
      assert.throws(
        () => partOf(text, headers),
        (error) => error instanceof StatusError && error.reason === "BATCH_INVALID",
      );
    });
  }
});

test("inheritedHeaders() are those about neither the body nor the single request, and a part's own come first", () => {
  const inherited = inheritedHeaders({
    authorization: "Bearer outer",
    "x-goog-fieldmask": "name",
    "content-type": "multipart/mixed",
    "content-encoding": "gzip",
    "idempotency-key": "k",
    "if-none-match": '"1"',
    "x-http-method-override": "DELETE",
    "x-server-timeout": "1",
    "accept-encoding": "gzip",
    expect: "100-continue",
    "sec-fetch-site": "cross-site",
    origin: "http://a",
  });
  assert.deepEqual(inherited, { authorization: "Bearer outer", "x-goog-fieldmask": "name" });
  const { headers } = partOf("GET / HTTP/1.1\nAuthorization: Bearer inner\n\n", {}, inherited);
  assert.deepEqual({ ...headers }, { authorization: "Bearer inner", "x-goog-fieldmask": "name" });
});
