import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { hasMoreBytes, identifierViolation, isStorable, storable } from "./text.ts";

describe("identifierViolation()", () => {
  it("names control characters of both ranges, and lone surrogates", () => {
    assert.match(identifierViolation("a\0b") ?? "", /U\+0000/);
    assert.match(identifierViolation("a\nb") ?? "", /U\+000A/);
    assert.match(identifierViolation("\u007F") ?? "", /U\+007F/);
    assert.match(identifierViolation("a\u0085") ?? "", /U\+0085/);
    for (const half of ["\uD800", "a\uDC00b", "\uDE00\uD83D"])
      assert.match(identifierViolation(half) ?? "", /surrogate/);
  });

  it("accepts everything else", () => {
    for (const text of ["", "ü/1", "😀", "a b", "\u00A0", "\uFFFD"])
      assert.equal(identifierViolation(text), undefined);
  });
});

describe("storable()", () => {
  it("replaces characters that stores cannot keep, and leaves the rest", () => {
    assert.equal(storable("a\0b\uD800c\n"), "a\uFFFDb\uFFFDc\n");
    assert.deepEqual([isStorable("a\n😀"), isStorable("\0"), isStorable("\uDC00")], [true, false, false]);
  });
});

it("hasMoreBytes() counts as UTF-8 does", () => {
  const edges = ["\u007F", "\u0080", "\u07FF", "\u0800", "\uD7FF", "\uE000", "\uFFFF", "\u{10000}"];
  for (const text of ["", "a", "ä", "語", "😀", "aä語😀".repeat(50), "aä語😀".repeat(5_000), ...edges]) {
    const bytes = Buffer.byteLength(text);
    assert.equal(hasMoreBytes(text, bytes), false, text);
    if (bytes > 0) assert.equal(hasMoreBytes(text, bytes - 1), true, text);
  }
});

it("hasMoreBytes() counts a lone surrogate as two, however long the text is", () => {
  for (const text of ["a\uD800", "a\uD800".repeat(10_000)]) {
    const bytes = (text.length / 2) * 3;
    assert.equal(hasMoreBytes(text, bytes), false);
    assert.equal(hasMoreBytes(text, bytes - 1), true);
  }
});
