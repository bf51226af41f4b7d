import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { openPageToken, sealPageToken } from "./page-token.ts";

const key = seededRandom(1).bytes(32);
const random = seededRandom(2);
const position = { list: '["projects/p"]', after: { id: "0199", endTime: 7 } };
const refused = { reason: "PAGE_TOKEN_INVALID", code: "INVALID_ARGUMENT" };

describe("openPageToken()", () => {
  it("opens a token that was sealed for the list, while it is fresh", () => {
    const token = sealPageToken(position, key, 1_000, random);
    assert.deepEqual(openPageToken(token, position.list, key, 1_000 + LIMITS.pageTokenLifeMs), position);
    assert.throws(() => openPageToken(token, position.list, key, 1_001 + LIMITS.pageTokenLifeMs), refused);
  });

  it("refuses a token of another list or another store", () => {
    const token = sealPageToken(position, key, 1_000, random);
    assert.throws(() => openPageToken(token, '["projects/q"]', key, 1_000), refused);
    assert.throws(() => openPageToken(token, position.list, seededRandom(3).bytes(32), 1_000), refused);
  });

  it("has one spelling: a token with characters that a decoder would skip is refused", () => {
    const token = sealPageToken(position, key, 1_000, random);
    for (const text of [`${token}\0`, ` ${token}`, `${token}=`, `${token.slice(0, 9)}\n${token.slice(9)}`]) {
      assert.throws(() => openPageToken(text, position.list, key, 1_000), refused);
    }
  });

  it("reveals nothing to its reader, and is safe in an address", () => {
    const token = sealPageToken(position, key, 1_000, random);
    assert.match(token, /^[A-Za-z0-9_-]+$/);
    assert.ok(!Buffer.from(token, "base64url").toString("latin1").includes("projects"));
    assert.notEqual(token, sealPageToken(position, key, 1_000, random));
  });

  it("refuses every other text, and every token with one changed character", () => {
    const token = sealPageToken(position, key, 1_000, random);
    fc.assert(
      fc.property(fc.string(), (text) =>
        assert.throws(() => openPageToken(text, position.list, key, 1_000), refused),
      ),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: token.length - 2 }), (at) => {
        const other = token[at] === "A" ? "B" : "A";
        const changed = token.slice(0, at) + other + token.slice(at + 1);
        assert.throws(() => openPageToken(changed, position.list, key, 1_000), refused);
      }),
    );
  });
});
