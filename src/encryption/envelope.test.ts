import assert from "node:assert/strict";
import { createSecretKey } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { SEAL } from "../core/operation/sealed.ts";
import { dekIdOf, headerOf, open, seal, unwrap, wrap } from "./envelope.ts";

const secret = createSecretKey(Buffer.alloc(32, 1));
const id = Buffer.from("0123456789ab");
const key = { secret, header: headerOf(Buffer.alloc(8, 9), id) };
const iv = Buffer.alloc(12, 3);

test("a sealed text opens in its own place, and names its key", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.string(), (drawn, binding) => {
      const text = drawn.replaceAll("\0", "").toWellFormed();
      const sealed = seal(key, text, { binding, iv });
      assert.equal(open(secret, sealed, binding), text);
      assert.equal(dekIdOf(sealed), id.toString("base64url"));
      assert.equal(open(secret, sealed, `${binding}.`), undefined);
    }),
  );
});

test("a sealed text opens only with its key, and only if it was not altered", () => {
  const sealed = seal(key, "text", { binding: "b", iv });
  assert.equal(open(createSecretKey(Buffer.alloc(32, 2)), sealed, "b"), undefined);
  const bytes = Buffer.from(sealed.slice(SEAL.length), "base64url");
  for (const at of bytes.keys()) {
    // These bytes are ids, which select the key; with another key the text does not open anyway.
    if (at > 0 && at <= 20) continue;
    const altered = Buffer.from(bytes);
    altered.writeUInt8((altered[at] ?? 0) ^ 1, at);
    assert.equal(open(secret, SEAL + altered.toString("base64url"), "b"), undefined, `byte ${at}`);
  }
  for (const none of ["", "AQ", sealed.slice(1, 40)]) assert.equal(open(secret, SEAL + none, "b"), undefined);
});

test("a text that stores cannot keep is refused, as stores refuse it", () => {
  for (const text of ["a\0b", "a\uD800"])
    assert.throws(() => seal(key, text, { binding: "b", iv }), { name: "InvariantError" });
});

test("a wrapped key opens with the key that wrapped it, for its own purpose", () => {
  const wrapped = wrap(secret, Buffer.alloc(32, 7), { binding: "s|t|id", iv });
  assert.deepEqual(unwrap(secret, wrapped, "s|t|id"), Buffer.alloc(32, 7));
  assert.equal(unwrap(secret, wrapped, "s|other|id"), undefined);
  assert.equal(unwrap(createSecretKey(Buffer.alloc(32, 2)), wrapped, "s|t|id"), undefined);
  assert.equal(unwrap(secret, "", "s|t|id"), undefined);
});
