import assert from "node:assert/strict";
import { test } from "node:test";
import { isUnboundMethod, unboundMethod } from "./unbound-method.ts";

test("a method that waits for its descriptor is distinguished from anything else", () => {
  const unbound = unboundMethod("a.B.C", () => {
    throw new TypeError("not described");
  });
  assert.deepEqual([unbound, {}, null].map(isUnboundMethod), [true, false, false]);
  assert.equal(unbound.rpcName, "a.B.C");
  assert.throws(() => unbound.bind({}), /not described/);
});
