import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { type Payload, STRUCT } from "../../core/operation/payload.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { RepeatedClaims } from "./repeated-claims.ts";

test("an answer is kept as long as its first leases last, and an empty one is not", async () => {
  const clock = new ManualClock();
  const repeated = new RepeatedClaims(clock);
  const given = [{ operation: anOperation(), calledAt: 0 }];
  repeated.keep("a", given, 5_000);
  repeated.keep("b", [], 5_000);
  assert.equal((await repeated.find("a"))?.given, given);
  assert.equal(await repeated.find("b"), undefined);
  await clock.advance(5_000);
  assert.equal(await repeated.find("a"), undefined);
});

test("the oldest answers are dropped, by number and by size", async () => {
  const repeated = new RepeatedClaims(new ManualClock());
  const keep = (key: string, metadata: Payload | null = null): void =>
    repeated.keep(key, [{ operation: anOperation({ metadata }), calledAt: 0 }], 10_000);
  for (let key = 0; key <= LIMITS.repeatedClaimsMax; key++) keep(String(key));
  const isKept = async (key: string) => (await repeated.find(key)) !== undefined;
  assert.deepEqual([await isKept("0"), await isKept("1")], [false, true]);
  keep("large", { type: STRUCT, json: "x".repeat(LIMITS.rememberedTextMax) });
  assert.deepEqual([await isKept("1"), await isKept(String(LIMITS.repeatedClaimsMax))], [false, false]);
});

test("a repeated claim first ends the claim in progress", async () => {
  const repeated = new RepeatedClaims(new ManualClock());
  const given = [{ operation: anOperation(), calledAt: 0 }];
  const over = repeated.begin("a", async () => repeated.keep("a", given, 10_000));
  assert.equal((await repeated.find("a"))?.given, given);
  over();
});
