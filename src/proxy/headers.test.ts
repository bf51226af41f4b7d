import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { endToEnd, forwardedHeaders, isCredential } from "./headers.ts";

/** A request with headers, as Node presents it. */
function requestWith(rawHeaders: string[], socket: object = { remoteAddress: "192.0.2.1" }): IncomingMessage {
  const headers: Record<string, string> = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const key = (rawHeaders[index] ?? "").toLowerCase();
    const before = headers[key];
    headers[key] =
      before === undefined ? (rawHeaders[index + 1] ?? "") : `${before}, ${rawHeaders[index + 1]}`;
  }
  return { rawHeaders, headers, socket, httpVersion: "1.1" } as unknown as IncomingMessage;
}

test("endToEnd() leaves out headers of the connection, and those that Connection names (RFC 9110, section 7.6.1)", () => {
  const request = requestWith([
    "Host",
    "a.example",
    "Connection",
    "close, X-Secret",
    "x-secret",
    "1",
    "Keep-Alive",
    "timeout=5",
    "TE",
    "trailers",
    "Transfer-Encoding",
    "chunked",
    "Upgrade",
    "h2c",
    "Proxy-Authorization",
    "Basic x",
    "Accept",
    "a",
    "accept",
    "b",
  ]);
  assert.deepEqual(endToEnd(request), ["Host", "a.example", "Accept", "a", "accept", "b"]);
  assert.deepEqual(endToEnd(request, new Set(["accept"])), ["Host", "a.example"]);
});

test("forwardedHeaders() describes the original request, and trusts no caller about the host and the protocol", () => {
  const sent = [
    "Host",
    "a.example",
    "X-Forwarded-For",
    "203.0.113.9",
    "X-Forwarded-Host",
    "evil",
    "X-Forwarded-Proto",
    "evil",
  ];
  assert.deepEqual(
    forwardedHeaders(requestWith([...sent, "Forwarded", "for=203.0.113.9", "Via", "1.1 x"]), undefined),
    [
      "Host",
      "a.example",
      "X-Forwarded-For",
      "203.0.113.9, 192.0.2.1",
      "X-Forwarded-Proto",
      "http",
      "X-Forwarded-Host",
      "a.example",
      "Forwarded",
      'for=203.0.113.9, for=192.0.2.1;host="a.example";proto=http',
      "Via",
      "1.1 x, 1.1 longrunning",
    ],
  );
});

test("forwardedHeaders() writes IPv6 as RFC 7239 does, and uses publicUrl", () => {
  const request = requestWith(["Host", "a"], { remoteAddress: "::1", encrypted: true });
  assert.ok(forwardedHeaders(request, undefined).includes('for="[::1]";host="a";proto=https'));
  const reached = forwardedHeaders(request, { protocol: "https", host: "public.example" });
  assert.ok(reached.includes("public.example"));
});

test("isCredential() knows the headers that identify a caller", () => {
  assert.deepEqual(["Authorization", "COOKIE", "set-cookie", "X-API-Key", "accept"].map(isCredential), [
    true,
    true,
    true,
    true,
    false,
  ]);
});
