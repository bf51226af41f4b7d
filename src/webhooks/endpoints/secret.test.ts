import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../core/ports/random.ts";
import { isSecret } from "../../outbound/signature.ts";
import { newSecret, signingSecrets } from "./secret.ts";

test("a new secret has the form that verifiers accept", () => {
  const secret = newSecret(systemRandom);
  assert.ok(isSecret(secret));
  assert.notEqual(newSecret(systemRandom), secret);
});

test("a secret signs until its expiry, and the newest for ever", () => {
  const secrets = [
    { key: "new", expireTime: null },
    { key: "old", expireTime: 10 },
  ];
  assert.deepEqual(
    [9, 10].map((now) => signingSecrets(secrets, now)),
    [["new", "old"], ["new"]],
  );
});
