import assert from "node:assert/strict";
import { test } from "node:test";
import { Scopes } from "./scopes.ts";

test("an operation belongs to the scopes of its parent, of all parents above it, and of everything", () => {
  const scopes = new Scopes();
  for (const parent of ["", "projects/p", "projects/p/locations/l", "projects/pa", "projects/q"])
    scopes.of(parent);
  const parents = (parent: string | undefined) =>
    Array.from(scopes.containing(parent), (each) => each.parent);
  assert.deepEqual(parents("projects/p/locations/l"), ["projects/p/locations/l", "projects/p", ""]);
  assert.deepEqual(parents("projects"), [""]);
  assert.deepEqual(parents(""), [""]);
  assert.equal(parents(undefined).length, 5, "wherever it is");
});

test("the scopes of a thousand parents are kept, and those in use", () => {
  const scopes = new Scopes();
  const [first, second] = [scopes.of("0"), scopes.of("1")];
  second.ask(["m"], 1);
  assert.equal(scopes.of("0"), first);
  for (let count = 2; count <= 1_000; count++) scopes.of(String(count));
  assert.equal([...scopes.all()].length, 1_000);
  assert.notEqual(scopes.of("0"), first);
  assert.equal(scopes.of("1"), second);
});

test("idle scopes are dropped, however many others have waiting claims", () => {
  const scopes = new Scopes();
  for (let count = 0; count < 2_000; count++) scopes.of(`busy/${count}`).ask(["m"], 1);
  for (let count = 0; count < 5_000; count++) scopes.of(`idle/${count}`);
  const all = [...scopes.all()];
  assert.equal(all.filter(({ isIdle }) => !isIdle).length, 2_000);
  assert.ok(all.length < 2_200, `${all.length}`);
});
