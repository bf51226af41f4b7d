import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { Bag } from "./bag.ts";

const INDEX = Symbol("a bag's");

suite("Bag", () => {
  test("has the same contents as a set, whatever is added and removed", () => {
    const items = Array.from({ length: 6 }, (_, id) => ({ id }));
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...items), { maxLength: 40 }), (touched) => {
        const [first] = touched;
        const bag = new Bag<object>(INDEX, first);
        const set = new Set<object>(touched.slice(0, 1));
        for (const item of touched) {
          assert.equal(bag.has(item), set.has(item));
          if (set.has(item)) {
            assert.equal(bag.delete(item), set.delete(item));
          } else {
            assert.equal(bag.delete(item), false);
            bag.add(item);
            set.add(item);
          }
          assert.deepEqual(new Set(bag), set);
          assert.equal(bag.size, set.size);
        }
        for (const item of bag) assert.equal(bag.delete(item), true);
        assert.equal(bag.size, 0);
      }),
    );
  });

  test("distinguishes its own items from those of another bag with the same property", () => {
    const item = {};
    new Bag(INDEX).add(item);
    const other = new Bag<object>(INDEX);
    assert.equal(other.has(item), false);
    other.add({});
    assert.equal(other.delete(item), false);
  });
});
