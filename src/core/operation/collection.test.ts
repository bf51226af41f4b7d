import assert from "node:assert/strict";
import { test } from "node:test";
import { checkOneParent, collectionOf, includesParent } from "./collection.ts";

const includes = (pattern: string, parent: string): boolean => includesParent(collectionOf(pattern), parent);

test("a collection without a wildcard is one", () => {
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

test("a dash inside of a segment is a dash", () => assert.equal(collectionOf("projects/a-b").isWide, false));

test("nothing can be started under a wildcard, and names are checked all the same", () => {
  assert.equal(checkOneParent("projects/p"), "projects/p");
  for (const parent of ["-", "projects/-", "projects//p"]) {
    assert.throws(() => checkOneParent(parent), { code: "INVALID_ARGUMENT", reason: "NAME_INVALID" });
  }
  assert.throws(() => collectionOf("projects//-"), { reason: "NAME_INVALID" });
});
