import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { highId, lowId } from "./id-bounds.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

const anId = fc
  .oneof(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), fc.constantFrom(1n, 2n ** 127n, 2n ** 128n - 2n))
  .map((value) =>
    value
      .toString(16)
      .padStart(32, "0")
      .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5"),
  );

/** An id and a prefix: of the same id, so that both sides of a bound occur, or of another. */
const idAndBeginning = fc.tuple(anId, anId, fc.nat(36), fc.boolean()).map(([id, other, length, isOwn]) => ({
  id,
  beginning: (isOwn ? id : other).slice(0, length),
}));

test("lowId() is a whole id before every id that is not before the text, whatever it begins with", () => {
  fc.assert(
    fc.property(idAndBeginning, ({ id, beginning }) => {
      const low = lowId(beginning);
      assert.match(low, UUID);
      // The bound is exclusive, and nobody makes an id of zeros only.
      if (id > beginning && !/^[0-]*$/.test(id)) assert.ok(low < id, `${low} < ${id}`);
    }),
  );
});

test("highId() is a whole id after every id that begins with the text, and after all before it", () => {
  fc.assert(
    fc.property(idAndBeginning, ({ id, beginning }) => {
      const high = highId(`${beginning}g`);
      assert.match(high, UUID);
      if (id < `${beginning}g` && !/^[f-]*$/.test(id)) assert.ok(high > id, `${high} > ${id}`);
    }),
  );
});

test("bounds are at most one id too wide, so that few rows are read in vain", () => {
  assert.equal(lowId("0199c000-0"), "0199bfff-ffff-ffff-ffff-ffffffffffff");
  assert.equal(highId("0199c000-0g"), "0199c000-1000-0000-0000-000000000000");
  assert.equal(lowId("0199c000-0000-7000-8000-000000000001"), "0199c000-0000-7000-8000-000000000001");
  assert.equal(lowId(""), "00000000-0000-0000-0000-000000000000");
  assert.equal(highId("g"), "ffffffff-ffff-ffff-ffff-ffffffffffff");
});
