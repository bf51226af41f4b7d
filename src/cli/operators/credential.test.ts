import assert from "node:assert/strict";
import { test } from "node:test";
import { credentialHeaders } from "./credential.ts";

test("a key goes where keys do, anything else is a token, and nothing is sent for nothing", () => {
  const token = "0123456789abcdef";
  const key = `lro_test_${token}`;
  assert.deepEqual(credentialHeaders(key), { "x-goog-api-key": key });
  assert.deepEqual(credentialHeaders(token), { authorization: `Bearer ${token}` });
  assert.deepEqual(credentialHeaders(undefined), {});
});
