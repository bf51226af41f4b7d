import assert from "node:assert/strict";
import { test } from "node:test";
import { Scopes } from "./scopes.ts";

test("an operation is in its parent, in each that this is below, and in everything", () => {
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

test("what is known of a parent is kept, of a thousand parents and of those where somebody asks", () => {
  const scopes = new Scopes();
  const [first, second] = [scopes.of("0"), scopes.of("1")];
  second.ask(["m"], 1);
  assert.equal(scopes.of("0"), first);
  for (let count = 2; count <= 1_000; count++) scopes.of(String(count));
  assert.equal([...scopes.all()].length, 1_000);
  assert.notEqual(scopes.of("0"), first);
  assert.equal(scopes.of("1"), second);
});

test("however many wait, those where nobody does are forgotten", () => {
  const scopes = new Scopes();
  for (let count = 0; count < 2_000; count++) scopes.of(`busy/${count}`).ask(["m"], 1);
  for (let count = 0; count < 5_000; count++) scopes.of(`idle/${count}`);
  const all = [...scopes.all()];
  assert.equal(all.filter(({ isIdle }) => !isIdle).length, 2_000);
  assert.ok(all.length < 2_200, `${all.length}`);
});
