import assert from "node:assert/strict";
import { it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { adminOf, operator, rows } from "./operators.suite.ts";
import { open, request } from "../packing.suite.ts";

it("operators with the same view and question share a read for a moment, which an action ends", async () => {
  await using test = await open();
  const admin = adminOf(test.engine);
  const seen = async (whose = operator()): Promise<number> => (await admin.rows(whose, rows())).rows.length;
  const counted = async (): Promise<number> => (await admin.count(operator(), {})).count;
  await test.engine.operations.start(operator(), { method: "pack", parent: "projects/a", request });
  assert.deepEqual([await seen(), await counted()], [1, 1]);
  await test.engine.operations.start(operator(), { method: "pack", parent: "projects/b", request });
  assert.deepEqual([await seen(), await counted()], [1, 1], "a moment old");
  assert.equal(await seen(operator("read", "projects/b")), 1, "not what others see");
  await test.clock.advance(LIMITS.adminListFreshMs);
  assert.deepEqual([await seen(), await counted()], [2, 2]);
  await admin.start(operator(), { method: "pack", parent: "projects/b", request });
  assert.deepEqual([await seen(), await counted()], [3, 3]);
});
