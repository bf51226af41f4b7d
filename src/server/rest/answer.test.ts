import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { retryInfo } from "../../core/details.ts";
import { serviceError, StatusError, type StatusErrorOptions } from "../../core/error.ts";
import { sendAnswer, sendError } from "./answer.ts";

const PRETTY = { prettyPrint: true, fields: "" };

/** What arrives of an answer. */
async function arrived(send: (response: ServerResponse) => void): Promise<Response & { body: unknown }> {
  const server = createServer((_, response) => send(response));
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const text = await response.text();
    return Object.assign(response, { text: () => Promise.resolve(text) });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

suite("sendAnswer()", () => {
  const answer = { json: '{"name":"<é>"}', message: "Operation", etag: 'W/"1"' } as const;

  test("is JSON in UTF-8 with its length, without which googleapis hands out strings (contract 3.2)", async () => {
    const response = await arrived((to) => sendAnswer(to, answer, PRETTY));
    assert.equal(response.headers.get("content-type"), "application/json; charset=UTF-8");
    const text = await response.text();
    assert.equal(text, '{\n  "name": "\\u003cé\\u003e"\n}\n');
    assert.equal(response.headers.get("content-length"), String(Buffer.byteLength(text)));
  });

  test("is compact without a newline where asked (contract 3.2)", async () => {
    const response = await arrived((to) => sendAnswer(to, answer, { prettyPrint: false, fields: "" }));
    assert.equal(await response.text(), '{"name":"\\u003cé\\u003e"}');
  });

  test("never has Retry-After, which breaks gcloud (contract 3.7, 11.1)", async () => {
    const response = await arrived((to) => sendAnswer(to, answer, PRETTY));
    assert.equal(response.headers.get("retry-after"), null);
  });

  for (const [ifNoneMatch, status] of [
    ['W/"1"', 304],
    ['"1"', 304],
    ['"0", W/"1"', 304],
    ["*", 304],
    ['W/"2"', 200],
  ] as const) {
    test(`answers ${status} to If-None-Match: ${ifNoneMatch}`, async () => {
      const response = await arrived((to) => sendAnswer(to, answer, PRETTY, ifNoneMatch));
      assert.equal(response.status, status);
      assert.equal(response.headers.get("etag"), 'W/"1"');
      assert.equal((await response.text()) === "", status === 304);
    });
  }
});

function retry(seconds: string): StatusErrorOptions {
  return { details: [retryInfo({ retryDelay: seconds })] };
}

suite("sendError()", () => {
  const view = { format: 2, domain: "archive" } as const;
  const cases: [sentence: string, error: StatusError, status: number, retryAfter: string | null][] = [
    ["429 says when to come back", new StatusError("RESOURCE_EXHAUSTED", ""), 429, "1"],
    ["503 says when to come back", new StatusError("UNAVAILABLE", ""), 503, "1"],
    ["503 says it in whole seconds", new StatusError("UNAVAILABLE", "", retry("2.5s")), 503, "3"],
    ["409 does not", new StatusError("ABORTED", "", retry("2s")), 409, null],
    ["500 does not", new StatusError("INTERNAL", "", retry("2s")), 500, null],
  ];
  for (const [sentence, error, status, retryAfter] of cases) {
    test(`${sentence} (contract 3.7)`, async () => {
      const response = await arrived((to) => sendError(to, error, view));
      assert.equal(response.status, status);
      assert.equal(response.headers.get("retry-after"), retryAfter);
      assert.equal(response.headers.get("content-type"), "application/json; charset=UTF-8");
    });
  }

  test("405 says what is allowed", async () => {
    const error = serviceError("METHOD_NOT_ALLOWED", "", { metadata: { allow: "GET, HEAD" } });
    const response = await arrived((to) => sendError(to, error, view));
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
  });
});
