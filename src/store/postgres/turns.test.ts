import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { callerText } from "../../core/caller.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { Turns } from "./turns.ts";

const NOW = 1_000;
const command = {
  limit: 8,
  leaseMs: 500,
  wanted: [
    { method: "m", limit: 8 },
    { method: "n", limit: 8 },
  ],
};

function taken(...tenants: readonly (string | null)[]): Operation[] {
  return tenants.map((tenant) => ({
    ...anOperation({ caller: callerText({ principal: "user:a", tenant }) }),
    leaseTime: NOW + command.leaseMs,
  }));
}

describe("Turns", () => {
  it("are used while work is left after claims, once an operation with a tenant was claimed", () => {
    const turns = new Turns();
    const areTakenAfter = (operations: readonly Operation[], nextTime: number | null): boolean => {
      turns.learn(command, { operations, nextTime });
      return turns.next(command) !== undefined;
    };
    assert.equal(turns.next(command), undefined);
    assert.equal(areTakenAfter(taken(null), NOW), false);
    assert.equal(areTakenAfter(taken(null, "a"), NOW - 9), true);
    assert.equal(areTakenAfter(taken("a"), null), false);
    assert.equal(areTakenAfter(taken("a"), NOW + 1), false, "what is left is due later");
    assert.equal(areTakenAfter(taken(null), NOW), true);
    assert.equal(areTakenAfter([], NOW), false);
  });

  it("continue after the last tenant of each method and priority", () => {
    const turns = new Turns();
    turns.learn(command, { operations: taken("a", "b"), nextTime: NOW }, [
      [3, "projects/a"],
      [10, 'quoted "b"'],
    ]);
    const empty = '"",'.repeat(9);
    const [last, tenants, each, oldestFirst] = turns.next(command) ?? assert.fail("no turns");
    assert.equal(last, `{"","","","projects/a",${'"",'.repeat(6)}"quoted \\"b\\"",${empty.slice(0, -1)}}`);
    assert.deepEqual([tenants, each, oldestFirst], [8, 4, false]);
  });

  it("give every fourth claim to the oldest work, also claims for one operation", () => {
    const turns = new Turns();
    turns.learn(command, { operations: taken("a"), nextTime: NOW });
    const more = Array.from({ length: 8 }, () => turns.next(command));
    const shown = more.map((parameters) => `${parameters?.[1]} ${parameters?.[3]}`);
    const four = ["8 false", "8 false", "8 false", "7 true"];
    assert.deepEqual(shown, [...four, ...four]);
    const one = Array.from({ length: 4 }, () => turns.next({ ...command, limit: 1 }) !== undefined);
    assert.deepEqual(one, [true, true, true, false]);
  });
});
