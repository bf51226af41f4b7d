import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeText } from "./text.ts";

test("text is UTF-8, with or without a byte order mark", () => {
  assert.deepEqual(decodeText(Buffer.from("grüße")), { text: "grüße" });
  assert.deepEqual(decodeText(Buffer.from("\ufeffa")), { text: "a" });
  assert.match(message(Buffer.from("\ufeffa", "utf16le")), /^the text is in UTF-16/);
});

test("the first invalid byte is found, after replacement characters that the text contains", () => {
  const bytes = Buffer.concat([
    Buffer.from("ab\ufffd\ncé"),
    Buffer.from([0xff, 0xff]),
    Buffer.from("d\ufffd"),
  ]);
  const decoded = decodeText(bytes);
  assert.match(message(bytes), /^this character is not valid UTF-8/);
  assert.equal("before" in decoded && decoded.before, "ab\ufffd\ncé");
});

function message(bytes: Uint8Array): string {
  const decoded = decodeText(bytes);
  assert.ok("message" in decoded);
  return decoded.message;
}
