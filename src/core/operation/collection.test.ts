import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOneParent, collectionOf, includesParent, narrowedTo } from "./collection.ts";

const includes = (pattern: string, parent: string): boolean => includesParent(collectionOf(pattern), parent);

test("a collection without a wildcard is a single one", () => {
  assert.equal(collectionOf("projects/p").isWide, false);
  assert.ok(includes("projects/p", "projects/p") && includes("", ""));
  assert.ok(!includes("projects/p", "projects/p/locations/l") && !includes("", "projects/p"));
});

test("a wildcard stands for one segment, and alone for every parent", () => {
  assert.ok(includes("projects/-/locations/l", "projects/p/locations/l"));
  assert.ok(includes("projects/p/locations/-", "projects/p/locations/l"));
  assert.ok(
    !includes("projects/-", "projects/p/locations/l") &&
      !includes("projects/-/locations/l", "projects/p/locations/m"),
  );
  assert.ok(includes("-", "") && includes("-", "projects/p/locations/l"));
});

function within(parent: string, ...parents: string[]): boolean[] {
  return ["p", "p/l", "pl", "q", ""].map((each) =>
    includesParent(narrowedTo(collectionOf(parent), parents), each),
  );
}

test("several collections may be narrowed to those at or below given parents, a single one may not", () => {
  assert.deepEqual(within("-", "p"), [true, true, false, false, false]);
  assert.deepEqual(within("-", "p/l", "q"), [false, true, false, true, false]);
  assert.deepEqual(within("p/-", "p/l"), [false, true, false, false, false]);
  assert.deepEqual(within("-", ""), [true, true, true, true, true]);
  assert.deepEqual(within("-"), [false, false, false, false, false]);
  assert.deepEqual(within("p", "q"), [true, false, false, false, false]);
});

test("a dash inside a segment is an ordinary character", () =>
  assert.equal(collectionOf("projects/a-b").isWide, false));

test("nothing can be started under a wildcard, and names are still checked", () => {
  assert.equal(checkOneParent("projects/p"), "projects/p");
  for (const parent of ["-", "projects/-", "projects//p"]) {
    assert.throws(() => checkOneParent(parent), { code: "INVALID_ARGUMENT", reason: "NAME_INVALID" });
  }
  assert.throws(() => collectionOf("projects//-"), { reason: "NAME_INVALID" });
});
