import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { isSecret, newSecret, signatures, signingSecrets } from "./secret.ts";

test("a new secret is one that verifiers take, and no other", () => {
  const secret = newSecret(systemRandom);
  assert.ok(isSecret(secret));
  assert.notEqual(newSecret(systemRandom), secret);
  const timestamp = Math.floor(systemClock.now() / 1_000);
  const headers = {
    "webhook-id": "a",
    "webhook-timestamp": String(timestamp),
    "webhook-signature": signatures([secret], { id: "a", timestamp, body: '{"ä":1}' }),
  };
  assert.deepEqual(new Webhook(secret).verify('{"ä":1}', headers), { ä: 1 });
});

const ofBytes = (count: number): string => `whsec_${Buffer.alloc(count, 7).toString("base64")}`;

test("a secret has 24 to 64 bytes", () => {
  for (const [count, expected] of [
    [23, false],
    [24, true],
    [64, true],
    [65, false],
  ] as const)
    assert.equal(isSecret(ofBytes(count)), expected, `${count} bytes`);
  for (const text of ["", "whsec_", ofBytes(32).slice(6), `${ofBytes(32)}!`, `whsk_${ofBytes(32).slice(6)}`])
    assert.equal(isSecret(text), false, text);
});

test("a secret signs until its time, and the newest for ever", () => {
  const secrets = [
    { key: "new", expireTime: null },
    { key: "old", expireTime: 10 },
  ];
  assert.deepEqual(
    [9, 10].map((now) => signingSecrets(secrets, now)),
    [["new", "old"], ["new"]],
  );
});
