import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { decodeAll, decodeButSlashes } from "./percent-encoding.ts";

test("a single segment is decoded, including slashes", () => {
  assert.equal(decodeAll("a%2Fb%20c%C3%A9"), "a/b cé");
  assert.equal(decodeAll("a:b"), "a:b");
});

test("in several segments everything is decoded except encoded slashes", () => {
  assert.equal(decodeButSlashes("a/b%2Fc%2fd%20e"), "a/b%2Fc%2fd e");
});

test("text that is not UTF-8 is refused", () => {
  for (const decode of [decodeAll, decodeButSlashes]) {
    assert.throws(
      () => decode("a%ff"),
      (error) => error instanceof StatusError && error.reason === "NAME_INVALID",
    );
  }
});
