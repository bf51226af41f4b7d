import assert from "node:assert/strict";
import { test } from "node:test";
import { Belongings, type Closable } from "./belongings.ts";

test("each value is made once, on demand, and closed with the others", () => {
  const [belongings, closed]: [Belongings, string[]] = [new Belongings(), []];
  const [first, second] = [{ name: "first" }, { name: "second" }];
  const of = (key: { readonly name: string }): Closable =>
    belongings.of(key, () => ({ close: () => void closed.push(key.name) }));
  const made = of(first);
  assert.equal(of(first), made);
  assert.notEqual(of(second), made);
  belongings.close();
  assert.deepEqual(closed, ["first", "second"]);
  assert.notEqual(of(first), made);
  belongings.close();
  assert.deepEqual(closed, ["first", "second", "first"]);
});
