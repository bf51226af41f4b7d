import assert from "node:assert/strict";
import { createPublicKey, verify } from "node:crypto";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { systemClock } from "../core/ports/clock.ts";
import { privateKeyText, publicKeyText } from "./ed25519.ts";
import { isSecret, signatureHeaders } from "./signature.ts";

const ofBytes = (count: number): string => `whsec_${Buffer.alloc(count, 7).toString("base64")}`;

test("a message is signed with each secret, and verifiers accept any of them", () => {
  const [first, second] = [ofBytes(24), ofBytes(64)];
  const message = { id: "a", body: '{"ä":1}', now: systemClock.now() };
  const headers = signatureHeaders([first, second], message);
  for (const secret of [first, second])
    assert.deepEqual(new Webhook(secret).verify(message.body, headers), { ä: 1 });
  assert.throws(() => new Webhook(ofBytes(32)).verify(message.body, headers));
  assert.throws(() => new Webhook(first).verify('{"ä":2}', headers));
});

test("a private key signs in addition to a secret, for receivers that know its public key", () => {
  const [secret, key] = [ofBytes(24), privateKeyText(Buffer.alloc(32, 3))];
  const message = { id: "a", body: '{"ä":1}', now: systemClock.now() };
  const headers = signatureHeaders([key, secret], message);
  // Verifiers that do not support v1a use the other signature.
  new Webhook(secret).verify(message.body, headers);
  const [first = ""] = headers["webhook-signature"]?.split(" ") ?? [];
  assert.match(first, /^v1a,[A-Za-z0-9+/]{86}==$/);
  const x = Buffer.from(publicKeyText(key).slice("whpk_".length), "base64").toString("base64url");
  const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const isBy = (text: string): boolean =>
    verify(null, Buffer.from(text), publicKey, Buffer.from(first.slice("v1a,".length), "base64"));
  const timestamp = headers["webhook-timestamp"];
  assert.ok(isBy(`a.${timestamp}.${message.body}`));
  assert.ok(!isBy(`b.${timestamp}.${message.body}`));
});

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
