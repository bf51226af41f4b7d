import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOfAnswer, unreachable } from "./error.ts";

const answer = (status: number, text: string, contentType = "application/json") => ({
  ok: false,
  status,
  text,
  contentType,
  location: undefined,
  retryAfterSeconds: undefined,
});

test("errorOfAnswer() prefers the code in the body to the HTTP status", () => {
  const body = JSON.stringify({ error: { code: 400, message: "m", status: "FAILED_PRECONDITION" } });
  assert.equal(errorOfAnswer(answer(400, body), "GET u").code, "FAILED_PRECONDITION");
});

const statuses: [number, string][] = [
  [400, "INVALID_ARGUMENT"],
  [404, "NOT_FOUND"],
  [409, "ABORTED"],
  [418, "FAILED_PRECONDITION"],
  [500, "UNAVAILABLE"],
  [502, "UNAVAILABLE"],
  [503, "UNAVAILABLE"],
  [302, "UNKNOWN"],
];

for (const [status, code] of statuses) {
  test(`errorOfAnswer() makes ${code} of a page with HTTP status ${status}`, () => {
    const error = errorOfAnswer(
      answer(status, "<html>", "text/html; charset=utf-8"),
      "GET http://h/v1/operations/x",
    );
    assert.equal(error.code, code);
    assert.match(
      error.message,
      /^GET http:\/\/h\/v1\/operations\/x was answered with HTTP status \d+ and no JSON \(text\/html\)/,
    );
  });
}

test("errorOfAnswer() shows the target of a redirect", () => {
  const location = "https://h/v1/operations:claim";
  const error = errorOfAnswer(
    { ...answer(308, "<html>", "text/html"), location },
    "POST http://h/v1/operations:claim",
  );
  assert.equal(error.code, "UNKNOWN");
  assert.equal(
    error.message,
    "POST http://h/v1/operations:claim was answered with HTTP status 308, a redirect to " +
      "https://h/v1/operations:claim, which is not followed. Give the address to which it leads.",
  );
});

test("errorOfAnswer() tolerates every shape of a broken body", () => {
  for (const body of [
    "",
    "null",
    "[]",
    '{"error":5}',
    '{"error":{"status":"NONSENSE","details":[5,{}],"message":7}}',
  ]) {
    assert.equal(errorOfAnswer(answer(503, body), "GET u").code, "UNAVAILABLE");
  }
});

test("unreachable() says what to check, with the cause for the log", () => {
  for (const [code, advice] of [
    ["ERR_SSL_WRONG_VERSION_NUMBER", /does not speak TLS\. Check port and scheme/],
    ["EPROTO", /does not speak TLS/],
    ["UND_ERR_SOCKET", /https:\/\/ and grpcs:\/\/ are for TLS/],
    ["ECONNRESET", /was cut/],
    ["ERR_INVALID_CHAR", /a header has a character/],
    ["ERR_INVALID_HTTP_TOKEN", /a header has a name/],
    ["ERR_PROXY_TUNNEL", /the proxy did not connect/],
    ["HPE_INVALID_CONSTANT", /does not speak HTTP/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /NODE_EXTRA_CA_CERTS/],
    ["CERT_HAS_EXPIRED", /its certificate has expired/],
    ["CERT_NOT_YET_VALID", /is not valid yet\. Check the clock/],
    ["ERR_TLS_CERT_ALTNAME_INVALID", /for other names/],
  ] as const) {
    const refused = new TypeError("fetch failed", { cause: { code } });
    assert.match(unreachable("GET https://h/v1", "https://h", refused).message, advice);
  }
  const cause = new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } });
  const error = unreachable("GET http://h/v1", "http://h", cause);
  assert.match(error.message, /there is no host of that name\. Check the address\.$/);
  assert.equal(error.cause, cause);
  for (const odd of [new Error("odd"), new TypeError("fetch failed", { cause: new Error("odd") })])
    assert.match(
      unreachable("GET u", "u", odd).message,
      /reach the server: odd\. Check that the server runs/,
    );
  assert.match(unreachable("GET u", "u", new Error("no connection")).message, /host does not answer/);
  assert.match(
    unreachable("GET u", "u", undefined).message,
    /reach the server: there is no connection\. Check/,
  );
});
