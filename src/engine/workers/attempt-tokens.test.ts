import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { AttemptTokens } from "./attempt-tokens.ts";

const key = new Uint8Array(32).fill(7);
const tokens = new AttemptTokens(key);
const attempt = { name: "projects/p/operations/x", attempt: 3 };
const token = tokens.tokenOf(attempt, "remote:w");

test("a token proves one attempt of one operation, in every process with the key", () => {
  assert.match(token, /^[\w-]{30}$/);
  assert.equal(new AttemptTokens(Uint8Array.from(key)).fits({ ...attempt, token }), true);
  assert.equal(tokens.fits({ ...attempt, attempt: 4, token }), false);
  assert.equal(tokens.fits({ ...attempt, name: "projects/p/operations/y", token }), false);
  assert.equal(new AttemptTokens(new Uint8Array(32)).fits({ ...attempt, token }), false);
  assert.notEqual(tokens.tokenOf(attempt, "remote:v"), token);
});

test("any other text is refused as a token", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.base64String(), fc.string({ unit: "grapheme" })), (other) => {
      assert.equal(tokens.fits({ ...attempt, token: other }), other === token);
    }),
  );
  const bytes = Buffer.from(token, "base64url");
  for (const index of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.equal(tokens.fits({ ...attempt, token: changed.toString("base64url") }), false);
  }
});
