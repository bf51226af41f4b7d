import assert from "node:assert/strict";
import { test } from "node:test";
import { credentialHeaders } from "./credential.ts";

test("a key goes into the header for keys, anything else is a token, and without a credential nothing is sent", () => {
  const token = "0123456789abcdef";
  const key = `lro_test_${token}`;
  assert.deepEqual(credentialHeaders(key), { "x-goog-api-key": key });
  assert.deepEqual(credentialHeaders(token), { authorization: `Bearer ${token}` });
  assert.deepEqual(credentialHeaders(undefined), {});
});
