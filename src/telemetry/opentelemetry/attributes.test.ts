import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { TracedCall } from "../../core/ports/tracing.ts";
import { answerAttributes, callAttributes, spanName } from "./attributes.ts";

const call = (method: string, host?: string): TracedCall => ({
  kind: "http",
  method,
  path: "/v1/operations",
  scheme: "https",
  headers: host === undefined ? {} : { host },
});

const addressOf = (host: string | undefined) => {
  const { "server.address": address, "server.port": port } = callAttributes(call("GET", host));
  return [address, port];
};

suite("attributes of calls", () => {
  test("contain no name that a caller invented", () => {
    assert.equal(spanName(call("BREW")), "HTTP");
    assert.equal(spanName(call("GET"), { kind: "http", status: 404, route: undefined }), "GET");
    const { "http.request.method": method, "http.request.method_original": original } = callAttributes(
      call("BREW"),
    );
    assert.deepEqual([method, original], ["_OTHER", "BREW"]);
  });

  test("have the server's address as the caller knows it", () => {
    assert.deepEqual(
      [
        addressOf("a.example"),
        addressOf("a.example:80"),
        addressOf("[::1]:8080"),
        addressOf("[::1]"),
        addressOf(undefined),
      ],
      [
        ["a.example", undefined],
        ["a.example", 80],
        ["[::1]", 8080],
        ["[::1]", undefined],
        [undefined, undefined],
      ],
    );
  });

  test("blame the server only for its own errors", () => {
    assert.equal(answerAttributes({ kind: "http", status: 404, route: undefined })["error.type"], undefined);
    assert.equal(answerAttributes({ kind: "http", status: 500, route: undefined })["error.type"], "500");
    assert.equal(answerAttributes({ kind: "grpc", code: "ABORTED" })["error.type"], undefined);
    assert.equal(answerAttributes({ kind: "grpc", code: "UNAVAILABLE" })["error.type"], "UNAVAILABLE");
  });
});
