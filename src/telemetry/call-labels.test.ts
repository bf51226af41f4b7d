import assert from "node:assert/strict";
import { test } from "node:test";
import { isGrpcServerError, knownHttpMethod } from "./call-labels.ts";

test("methods of HTTP are known as it writes them, and no others", () => {
  assert.deepEqual(["GET", "QUERY", "get", "BREW", ""].map(knownHttpMethod), [
    "GET",
    "QUERY",
    "_OTHER",
    "_OTHER",
    "_OTHER",
  ]);
});

test("the server is to blame for some codes of gRPC", () => {
  assert.deepEqual(["OK", "NOT_FOUND", "INTERNAL", "UNAVAILABLE", "CANCELLED"].map(isGrpcServerError), [
    false,
    false,
    true,
    true,
    false,
  ]);
});
