import assert from "node:assert/strict";
import { test } from "node:test";
import { isOrigin } from "./origin.ts";

test("isOrigin() accepts what browsers send, and * for all", () => {
  for (const origin of ["*", "https://app.example.com", "http://localhost:8080", "https://[::1]:8443"])
    assert.ok(isOrigin(origin), origin);
  for (const other of [
    "",
    "app.example.com",
    "https://app.example.com/",
    "https://app.example.com:443",
    "ftp://a",
  ])
    assert.ok(!isOrigin(other), other);
});
