import assert from "node:assert/strict";
import { test } from "node:test";
import { OwnHome } from "./own-home.ts";

test("the methods that a process runs stay, and the methods of its waiting claims come and go", () => {
  const own = new OwnHome("me", ["a"]);
  const before = own.methods;
  assert.equal(
    own.attend(["a"], () => false, 0),
    false,
    "it runs that itself",
  );
  assert.equal(own.methods, before);
  assert.equal(
    own.attend(["a", "b"], (method) => method === "b", 0),
    true,
  );
  assert.deepEqual([...own.methods], ["a", "b"]);
  own.refresh(60_000);
  assert.deepEqual([...own.methods], ["a", "b"], "a claim has waited all the time");
  own.attend(["b"], () => false, 60_000);
  own.refresh(69_999);
  assert.deepEqual([...own.methods], ["a", "b"]);
  own.refresh(70_000);
  assert.deepEqual([...own.methods], ["a"]);
});
