import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { Recent } from "./recent.ts";

const KEYS = ["a", "b", "c", "d", "e"] as const;

suite("Recent", () => {
  test("has the contents and the order of a map whose keys are deleted before they are set", () => {
    const steps = fc.array(fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom("set", "use", "delete")), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 6 }), (taken, most) => {
        const recent = new Recent<string, number>(most);
        const map = new Map<string, number>();
        for (const [index, [key, verb]] of taken.entries()) {
          assert.equal(recent.has(key), map.has(key));
          assert.equal(recent.get(key), map.get(key));
          const before = map.get(key);
          const had = map.delete(key);
          if (verb === "delete") assert.equal(recent.delete(key), had);
          else if (verb === "use") {
            assert.equal(recent.use(key), before);
            if (before !== undefined) map.set(key, before);
          } else {
            recent.set(key, index);
            map.set(key, index);
            const [oldest] = map.keys();
            if (map.size > most && oldest !== undefined) map.delete(oldest);
          }
          const expected = [...map].map(([of, value]) => ({ key: of, value }));
          assert.deepEqual(
            [...recent].map(({ key: of, value }) => ({ key: of, value })),
            expected,
          );
          assert.equal(recent.oldest?.key, expected[0]?.key);
          assert.equal(recent.size, expected.length);
        }
      }),
    );
  });

  test("the current entry of an iteration may be deleted", () => {
    const recent = new Recent<string, number>();
    for (const [index, key] of KEYS.entries()) recent.set(key, index);
    const seen: string[] = [];
    for (const { key } of recent) {
      seen.push(key);
      if (key !== "c") recent.delete(key);
    }
    assert.deepEqual(seen, KEYS);
    assert.deepEqual([recent.size, recent.oldest?.key], [1, "c"]);
  });

  test("is empty after it was cleared, and can be used again", () => {
    const recent = new Recent<string, number>();
    recent.set("a", 1);
    recent.clear();
    assert.deepEqual([recent.size, recent.oldest, [...recent]], [0, undefined, []]);
    recent.set("b", 2);
    assert.deepEqual([recent.oldest?.key, recent.get("a")], ["b", undefined]);
  });
});
