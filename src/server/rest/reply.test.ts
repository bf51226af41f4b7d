import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { retryInfo } from "../../core/error/details.ts";
import { serviceError, StatusError, type StatusErrorOptions } from "../../core/error/error.ts";
import { prefersGzip } from "./compression.ts";
import { encodedReply, errorReply, optionsReply, type Reply, sendReply, successReply } from "./reply.ts";

const PRETTY = { prettyPrint: true };

/** A reply as it arrives on the wire. */
async function arrived(
  reply: Reply,
  accepted?: string,
  more?: Record<string, string>,
): Promise<{ status: number; headers: Headers; bytes: Uint8Array }> {
  const server = createServer(
    (_, response) =>
      void Promise.resolve(encodedReply(reply, prefersGzip(accepted))).then((encoded) =>
        sendReply(response, encoded, more),
      ),
  );
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const { status, headers, body } = await fetch(`http://127.0.0.1:${port}/`);
    // fetch decompresses the body, so the answer is compared as text.
    return { status, headers, bytes: new Uint8Array(await new Response(body).arrayBuffer()) };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

suite("successReply()", () => {
  const answer = { json: '{"name":"<é>"}', etag: 'W/"1"' } as const;

  test("is JSON, without which googleapis returns strings (contract 3.2)", () => {
    const { headers, body } = successReply(answer, PRETTY);
    assert.equal(headers["content-type"], "application/json; charset=UTF-8");
    assert.equal(body, '{\n  "name": "\\u003cé\\u003e"\n}\n');
  });

  test("is compact without a newline on request (contract 3.2)", () => {
    assert.equal(successReply(answer, { prettyPrint: false }).body, '{"name":"\\u003cé\\u003e"}');
  });

  test("never has Retry-After, which breaks gcloud (contract 3.7, 11.1)", () => {
    assert.ok(!("retry-after" in successReply(answer, PRETTY).headers));
  });

  test("is a script with status 200 on request, including errors (contract 3.2)", () => {
    const script = successReply(answer, { prettyPrint: false, callback: "a.b" });
    assert.equal(script.body, '// API callback\na.b({"name":"\\u003cé\\u003e"});');
    assert.equal(script.headers["content-type"], "text/javascript; charset=UTF-8");
    const failed = errorReply(new StatusError("NOT_FOUND", "No."), { format: 2, domain: "d", callback: "f" });
    assert.equal(failed.status, 200);
    assert.match(
      String(failed.body),
      /^\/\/ API callback\nf\(\{\n {2}"error": \{\n {4}"code": 404,[^]*\}\n\);$/,
    );
  });

  for (const [ifNoneMatch, status] of [
    ['W/"1"', 304],
    ['"1"', 304],
    ['"0", W/"1"', 304],
    ["*", 304],
    ['W/"2"', 200],
  ] as const) {
    test(`is ${status} for If-None-Match: ${ifNoneMatch}`, () => {
      const reply = successReply(answer, { ...PRETTY, ifNoneMatch });
      assert.equal(reply.status, status);
      assert.equal(reply.headers["etag"], 'W/"1"');
      assert.equal(reply.body === "", status === 304);
    });
  }
});

function retry(seconds: string): StatusErrorOptions {
  return { details: [retryInfo({ retryDelay: seconds })] };
}

suite("errorReply()", () => {
  const view = { format: 2, domain: "archive" } as const;
  const cases: [sentence: string, error: StatusError, status: number, retryAfter: string | undefined][] = [
    ["429 says when to come back", new StatusError("RESOURCE_EXHAUSTED", ""), 429, "1"],
    ["503 says when to come back", new StatusError("UNAVAILABLE", ""), 503, "1"],
    ["503 says it in whole seconds", new StatusError("UNAVAILABLE", "", retry("2.5s")), 503, "3"],
    ["409 does not", new StatusError("ABORTED", "", retry("2s")), 409, undefined],
    ["500 does not", new StatusError("INTERNAL", "", retry("2s")), 500, undefined],
  ];
  for (const [sentence, error, status, retryAfter] of cases) {
    test(`${sentence} (contract 3.7)`, () => {
      const reply = errorReply(error, view);
      assert.equal(reply.status, status);
      assert.equal(reply.headers["retry-after"], retryAfter);
      assert.equal(reply.headers["content-type"], "application/json; charset=UTF-8");
    });
  }

  test("405 lists what is allowed", () => {
    const reply = errorReply(
      serviceError("METHOD_NOT_ALLOWED", "", { metadata: { allow: "GET, HEAD" } }),
      view,
    );
    assert.equal(reply.status, 405);
    assert.equal(reply.headers["allow"], "GET, HEAD");
  });
});

suite("sendReply()", () => {
  const long = { status: 200, headers: { "content-type": "text/plain" }, body: "é".repeat(2_000) };
  const longer = { ...long, body: "é".repeat(100_000) };

  test("leaves small answers unchanged, with their length and without Vary", async () => {
    const { headers, bytes } = await arrived({ ...long, body: "é".repeat(500) }, "gzip");
    assert.equal(headers.get("content-length"), "1000");
    assert.equal(headers.get("content-encoding"), null);
    assert.equal(headers.get("vary"), null);
    assert.equal(bytes.length, 1_000);
  });

  for (const reply of [long, longer]) {
    test(`compresses ${reply.body.length} characters for callers that accept gzip`, async () => {
      const { headers, bytes } = await arrived(reply, "gzip, deflate", { vary: "Origin" });
      assert.equal(headers.get("content-encoding"), "gzip");
      assert.equal(headers.get("vary"), "Accept-Encoding, Origin");
      assert.ok(Number(headers.get("content-length")) < 1_000);
      assert.equal(new TextDecoder().decode(bytes), reply.body);
    });
  }

  test("sends it plain to others, with Vary", async () => {
    const { headers, bytes } = await arrived(long);
    assert.equal(headers.get("content-encoding"), null);
    assert.equal(headers.get("vary"), "Accept-Encoding");
    assert.equal(bytes.length, 4_000);
  });

  test("sends an answer without a body without one", async () => {
    const { status, headers } = await arrived(optionsReply("GET, HEAD"));
    assert.equal(status, 204);
    assert.equal(headers.get("allow"), "GET, HEAD");
  });
});
