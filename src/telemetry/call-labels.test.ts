import assert from "node:assert/strict";
import { test } from "node:test";
import { isGrpcServerError, knownHttpMethod } from "./call-labels.ts";

test("HTTP methods are recognised in their standard spelling, and no others", () => {
  assert.deepEqual(["GET", "QUERY", "get", "BREW", ""].map(knownHttpMethod), [
    "GET",
    "QUERY",
    "_OTHER",
    "_OTHER",
    "_OTHER",
  ]);
});

test("some gRPC codes count as the server's fault", () => {
  assert.deepEqual(["OK", "NOT_FOUND", "INTERNAL", "UNAVAILABLE", "CANCELLED"].map(isGrpcServerError), [
    false,
    false,
    true,
    true,
    false,
  ]);
});
