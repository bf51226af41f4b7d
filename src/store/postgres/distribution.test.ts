import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { aMigratedAddress, open, queryOf } from "./a-database.suite.ts";
import {
  APART,
  CUT,
  distributionOf,
  EVERYWHERE,
  flawsOf,
  isCut,
  isToDistribute,
  requireDistribution,
  type TableState,
} from "./distribution.ts";
import { CREATE_MIGRATION_TURN, CREATE_MIGRATIONS } from "./statements-service.ts";

const WELL: readonly TableState[] = [
  ...CUT.map((name) => ({ name, kind: "cut", column: "shard", group: 1, pieces: 64, nodes: 2 }) as const),
  ...EVERYWHERE.map(
    (name) => ({ name, kind: "everywhere", column: null, group: 2, pieces: 1, nodes: 3 }) as const,
  ),
];

const but = (name: string, change: Partial<TableState>): readonly TableState[] =>
  WELL.map((table) => (table.name === name ? { ...table, ...change } : table));

test("a database without Citus is not distributed and has no faults", async () => {
  const query = queryOf(open(await aMigratedAddress()));
  assert.equal(await distributionOf(query), undefined);
  assert.equal(isCut(undefined), false);
  assert.equal(await isToDistribute(query), false);
});

test("wrongly distributed tables are reported by name", () => {
  assert.deepEqual(flawsOf(WELL), []);
  requireDistribution(WELL);
  for (const [name, change, flaw] of [
    ["parallel_keys", { kind: "apart", column: null, group: null }, /parallel_keys is not distributed/],
    ["parallel_keys", { group: 3 }, /parallel_keys is not colocated with operations/],
    ["operations", { column: "id" }, /operations is distributed by id/],
    ["service", { kind: "apart" }, /service is not on every node/],
  ] as const) {
    assert.match(flawsOf(but(name, change)).join("; "), flaw);
    assert.throws(() => requireDistribution(but(name, change)), {
      code: "FAILED_PRECONDITION",
      message: flaw,
    });
  }
});

test("each of our tables is distributed, on every node, or on the coordinator only", () => {
  const folder = new URL("../../../sql/postgres/", import.meta.url);
  const texts = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), "utf8"));
  const made = [...texts, CREATE_MIGRATIONS, CREATE_MIGRATION_TURN].flatMap((text) =>
    Array.from(text.matchAll(/create (?:unlogged )?table if not exists (\w+)/g), ([, name = ""]) => name),
  );
  const known: readonly string[] = [...CUT, ...EVERYWHERE, ...APART];
  for (const name of made)
    assert.ok(known.includes(name), `${name}: say in distribution.ts how it is spread`);
});
