import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { anyCharacter } from "../../../test/support/any-character.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { hashOfKey, isApiKey, keyIdOf, newApiKey, shownPrefix } from "./api-key.ts";

describe("newApiKey()", () => {
  it("makes unique keys in the form that scanners know", () => {
    const keys = Array.from({ length: 1_000 }, () => newApiKey("live", systemRandom));
    for (const key of keys) assert.match(key, /^lro_live_[0-9A-Za-z]{38}$/);
    assert.equal(new Set(keys).size, 1_000);
  });

  it("uses every character equally often", () => {
    const random = seededRandom(1);
    const counts = new Map<string, number>();
    for (let index = 0; index < 4_000; index++) {
      for (const each of newApiKey("live", random).slice(9, 41))
        counts.set(each, (counts.get(each) ?? 0) + 1);
    }
    const expected = (4_000 * 32) / 62;
    assert.equal(counts.size, 62);
    for (const [each, count] of counts) assert.ok(Math.abs(count / expected - 1) < 0.15, `${each}: ${count}`);
  });
});

describe("isApiKey()", () => {
  it("distinguishes a key from one with any mistyped character, or a truncated one", () => {
    const key = newApiKey("test", seededRandom(1));
    assert.ok(isApiKey(key));
    for (let at = 0; at < key.length; at++) {
      const other = key[at] === "A" ? "B" : "A";
      assert.ok(!isApiKey(`${key.slice(0, at)}${other}${key.slice(at + 1)}`), `character ${at}`);
      assert.ok(!isApiKey(key.slice(0, at)));
    }
    for (const other of [`${key}0`, ` ${key}`, `${key}\n`, key.replace("lro_", "LRO_")])
      assert.ok(!isApiKey(other));
  });

  it("accepts any text as input", () => {
    fc.assert(fc.property(fc.string({ unit: anyCharacter, maxLength: 100 }), (text) => !isApiKey(text)));
    assert.equal(isApiKey("lro_live_".padEnd(1_000_000, "0")), false);
  });
});

it("hashOfKey() is the SHA-256 in hex, whose beginning is the key's id", () => {
  const key = newApiKey("live", seededRandom(1));
  const expected = createHash("sha256").update(key).digest("hex");
  assert.equal(hashOfKey(key), expected);
  assert.equal(keyIdOf(expected), expected.slice(0, 16));
  assert.equal(shownPrefix(key), key.slice(0, 13));
});
