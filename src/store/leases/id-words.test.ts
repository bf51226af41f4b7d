import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ID_WORDS, readId, writeId } from "./id-words.ts";

test("readId() reads what writeId() wrote, in its place", () => {
  fc.assert(
    fc.property(fc.array(fc.uuid(), { minLength: 1, maxLength: 4 }), (ids) => {
      const words = new Int32Array(ids.length * ID_WORDS);
      for (const [index, id] of ids.entries()) writeId(words, index * ID_WORDS, id);
      assert.deepEqual(
        ids.map((_, index) => readId(words, index * ID_WORDS)),
        ids,
      );
    }),
  );
});

test("every digit counts, also those whose word is negative or begins with zeros", () => {
  const words = new Int32Array(ID_WORDS);
  writeId(words, 0, "fedcba98-0000-7123-8456-00000000000f");
  assert.deepEqual([...words], [0xfedcba98 | 0, 0x00007123, 0x84560000 | 0, 0x0000000f]);
  assert.equal(readId(words, 0), "fedcba98-0000-7123-8456-00000000000f");
});
