import assert from "node:assert/strict";
import { test } from "node:test";
import { callerText } from "../../core/caller.ts";
import type { ClaimAnswer } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { migrate } from "./schema.ts";
import { CLAIMABLE_OF_TENANT, TENANT_BEHIND } from "./statements-claim.ts";
import { Writer } from "./writer.ts";

const NOW = 100_000;

/**
 * The given number of operations for each tenant, all available; those of the first tenant are the
 * oldest.
 */
function stored(counts: Readonly<Record<string, number>>) {
  const database = openForWriting(MEMORY);
  migrate(database, 0);
  let time = 1;
  const records = Object.entries(counts).flatMap(([tenant, count]) =>
    Array.from({ length: count }, () =>
      anOperation({
        method: "m",
        availableTime: time++,
        caller: tenant === "" ? "null" : callerText({ principal: "user:a", tenant }),
      }),
    ),
  );
  const writer = new Writer(database);
  writer.run(
    records.map((operation) => ({ verb: "insert", operation })),
    NOW,
  );
  const tenantOf = new Map(
    records.map(({ id, caller }) => [id, /"tenant":"([^"]*)"/.exec(caller ?? "")?.[1] ?? ""]),
  );
  /** The tenants of the operations that a claim takes. */
  const claim = (limit: number): string[] => {
    const command = {
      verb: "claim",
      worker: "w",
      leaseMs: 1_000,
      limit,
      wanted: [{ method: "m", limit }],
    } as const;
    const [outcome] = writer.run([command], NOW).outcomes;
    assert.ok(outcome !== undefined && "answer" in outcome);
    const { operations } = outcome.answer as ClaimAnswer;
    return operations.map(({ id }) => tenantOf.get(id) ?? "none").toSorted();
  };
  return { database, claim };
}

const countOf = (all: readonly string[], tenant: string): number =>
  all.filter((each) => each === tenant).length;

test("tenants take turns if more can be claimed than is requested", () => {
  const { claim } = stored({ a: 1_000, b: 10, c: 3 });
  assert.deepEqual(claim(1), ["a"], "whether there are tenants is known from here on");
  const first = claim(9);
  assert.deepEqual([countOf(first, "a"), countOf(first, "b"), countOf(first, "c")], [3, 3, 3]);
  const second = claim(8);
  assert.deepEqual([countOf(second, "a"), countOf(second, "b")], [4, 4]);
});

test("claims of one take turns too, one in four for the oldest operation", () => {
  const { claim } = stored({ a: 100, b: 20, c: 20 });
  claim(1);
  const taken = Array.from({ length: 40 }, () => claim(1)[0] ?? "");
  // After the last tenant comes a turn that finds no tenant, and it also goes to the oldest
  // operation.
  assert.ok(countOf(taken, "b") >= 7 && countOf(taken, "c") >= 7, taken.join(""));
  assert.ok(countOf(taken, "a") >= 10, taken.join(""));
});

test("every tenant has its turn, however many there are and however old the others' operations are", () => {
  const names = Array.from({ length: 100 }, (_, index) => `t${String(index).padStart(3, "0")}`);
  const { claim } = stored(Object.fromEntries(names.map((name) => [name, 30])));
  claim(1);
  const taken = Array.from({ length: 40 }, () => claim(4)).flat();
  for (const name of names) assert.ok(countOf(taken, name) > 0, name);
  const alone = stored(Object.fromEntries(names.map((name) => [name, 30])));
  const one = Array.from({ length: 140 }, () => alone.claim(1)).flat();
  for (const name of names) assert.ok(countOf(one, name) > 0, name);
});

test("operations without a tenant are taken by age, in addition to the turns", () => {
  const { claim } = stored({ first: 1, "": 50, a: 50, b: 50 });
  claim(1);
  const taken = Array.from({ length: 4 }, () => claim(4)).flat();
  assert.ok(countOf(taken, "") >= 1 && countOf(taken, "a") >= 5 && countOf(taken, "b") >= 5, taken.join());
});

test("nothing is looked up by tenant if no tenant has pending operations, or all of them are taken", () => {
  const { database, claim } = stored({ "": 10 });
  const plan = database.prepare(`explain query plan ${TENANT_BEHIND}`).all("m", 0, "");
  assert.match(
    JSON.stringify(plan),
    /USING INDEX operations_tenants \(method=\? AND priority=\? AND <expr>>\?\)/,
  );
  const rows = database.prepare(`explain query plan ${CLAIMABLE_OF_TENANT}`).all("m", 0, "", 0, 0, 0);
  assert.match(JSON.stringify(rows), /USING INDEX operations_tenants/);
  assert.doesNotMatch(JSON.stringify(rows), /TEMP B-TREE/);
  assert.deepEqual(
    [claim(4), claim(4), claim(4)],
    [
      ["", "", "", ""],
      ["", "", "", ""],
      ["", ""],
    ],
  );
});
