import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { isMethod } from "../../core/method/method.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { open } from "../packing.suite.ts";
import { BUILT_IN_PARENT, BuiltIns, BULK_METHOD, withoutBuiltIns } from "./built-in.ts";

describe("BuiltIns", () => {
  it("are methods that callers do not know and cannot start", async () => {
    const builtIns = new BuiltIns();
    const method = builtIns.methods.get(BULK_METHOD);
    assert.ok(isMethod(method));
    assert.deepEqual([method.name, method.verb, method.parallel?.limit], [BULK_METHOD, BULK_METHOD, 1]);
    await using test = await open({ builtIns });
    const start = { method: BULK_METHOD, parent: BUILT_IN_PARENT, request: {} };
    await assert.rejects(test.engine.operations.start(ANONYMOUS, start), { reason: "METHOD_NOT_FOUND" });
    assert.ok(!test.engine.operations.methods.has(BULK_METHOD));
  });
});

describe("withoutBuiltIns()", () => {
  it("does not change lists that cannot contain any", () => {
    for (const parent of ["", "projects/p", "projects/-", BUILT_IN_PARENT, "longrunning/webhookEndpoints/a"])
      assert.equal(withoutBuiltIns(collectionOf(parent), null), null, parent);
    for (const parent of ["-", "-/-", "-/webhookEndpoints/-", "longrunning/-"])
      assert.equal(withoutBuiltIns(collectionOf(parent), null)?.kind, "not", parent);
    assert.equal(withoutBuiltIns(collectionOf("-"), { kind: "search", text: "x" })?.kind, "and");
  });
});
