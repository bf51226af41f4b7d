import assert from "node:assert/strict";
import { sign } from "node:crypto";
import { test } from "node:test";
import { isPrivateKey, privateKeyOf, privateKeyText, publicKeyText } from "./ed25519.ts";

const bytes = (hex: string): string => Buffer.from(hex, "hex").toString("base64");
// RFC 8032, section 7.1, test 2: the message is the one byte 72.
const SEED = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb";
const PUBLIC = "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c";
const SIGNATURE =
  "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";

test("a key of 32 bytes, alone or with its public key, signs as in RFC 8032", () => {
  const whole = privateKeyText(Buffer.from(SEED, "hex"));
  assert.equal(whole, `whsk_${bytes(SEED + PUBLIC)}`);
  for (const text of [whole, `whsk_${bytes(SEED)}`]) {
    assert.ok(isPrivateKey(text));
    assert.equal(publicKeyText(text), `whpk_${bytes(PUBLIC)}`);
    assert.equal(sign(null, Buffer.of(0x72), privateKeyOf(text)).toString("hex"), SIGNATURE);
  }
});

test("a text of another form or length, or with the public key of another key, is not a private key", () => {
  for (const text of [
    "",
    "whsk_",
    `whsec_${bytes(SEED)}`,
    `whpk_${bytes(PUBLIC)}`,
    `whsk_${bytes(SEED)}!`,
    `whsk_${bytes(SEED.slice(2))}`,
    `whsk_${bytes(`${SEED}00`)}`,
    `whsk_${bytes(SEED + SEED)}`,
  ])
    assert.equal(isPrivateKey(text), false, text);
});
