import assert from "node:assert/strict";
import { after, test } from "node:test";
import { CITUS_URL, citusForTests, NO_CITUS } from "../../../test/support/citus.ts";
import { applyMigrations } from "../../store/open.ts";
import { Database } from "../../store/postgres/database.ts";
import { CUT, EVERYWHERE, type TableState } from "../../store/postgres/distribution.ts";
import type { PostgresState } from "../../store/postgres/inspect.ts";
import { aWorld } from "../world.suite.ts";
import type { Check } from "./check.ts";
import { citusChecks } from "./citus.ts";
import { storeChecks } from "./store.ts";

const WELL: readonly TableState[] = [
  ...CUT.map((name) => ({ name, kind: "cut", column: "shard", group: 1, pieces: 64, nodes: 2 }) as const),
  ...EVERYWHERE.map(
    (name) => ({ name, kind: "everywhere", column: null, group: 2, pieces: 1, nodes: 3 }) as const,
  ),
];
const NODES = [
  { name: "one:5432", problem: null },
  { name: "two:5432", problem: null },
];

function checksOf(state: Partial<PostgresState>): readonly string[] {
  return citusChecks({ distribution: WELL, nodes: NODES, ...state }).map(
    ({ name, status, message }) => `${name}: ${status}: ${message}`,
  );
}

const changed = (name: string, change: Partial<TableState>): readonly TableState[] =>
  WELL.map((table) => (table.name === name ? { ...table, ...change } : table));

test("a database without Citus has no check", () => {
  assert.deepEqual(checksOf({ distribution: undefined, nodes: [] }), []);
});

test("a cluster is healthy if its tables are distributed and its nodes answer", () => {
  assert.deepEqual(checksOf({}), [
    "citus tables: ok: 6 tables are distributed by shard, 64 pieces on 2 nodes; the small tables are on every node",
    "citus nodes: ok: 2 worker nodes answer",
  ]);
});

test("tables that are not distributed yet are a warning, and wrongly distributed ones are a failure", () => {
  const apart = WELL.map((table) => ({ ...table, kind: "apart", column: null, group: null }) as const);
  assert.match(
    checksOf({ distribution: apart })[0] ?? "",
    /^citus tables: warn: operations is not distributed; run: longrunning migrate/,
  );
  const alone = changed("parallel_keys", { group: 3 });
  assert.match(
    checksOf({ distribution: alone })[0] ?? "",
    /^citus tables: fail: parallel_keys is not colocated/,
  );
});

test("an unreachable node is named with its error, and a cluster without nodes is a warning", () => {
  const away = [
    { name: "one:5432", problem: null },
    { name: "two:5432", problem: "failed to connect" },
  ];
  assert.equal(checksOf({ nodes: away })[1], "citus nodes: fail: two:5432 is away: failed to connect");
  assert.match(checksOf({ nodes: [] })[1] ?? "", /^citus nodes: warn: there are no worker nodes/);
});

test("doctor on Citus", { skip: CITUS_URL === undefined && NO_CITUS }, async () => {
  const cluster = citusForTests();
  after(() => cluster[Symbol.asyncDispose]());
  const address = await cluster.createDatabase();
  const checks = async (): Promise<ReadonlyMap<string, Check>> => {
    using world = aWorld();
    return new Map((await storeChecks(world.io, address)).map((check) => [check.name, check]));
  };
  await applyMigrations(address);
  const well = await checks();
  for (const [name, { status, message }] of well) assert.equal(status, "ok", `${name}: ${message}`);
  assert.match(well.get("citus tables")?.message ?? "", /64 pieces on 2 nodes/);
  assert.match(well.get("bloat")?.message ?? "", /distributed \(Citus\): its rows are on the worker nodes/);
  const administrator = new Database({ address, connections: 1 });
  after(() => administrator.close());
  await administrator.query(
    "update pg_dist_node set nodeport = 1 where nodeid = (select max(nodeid) from pg_dist_node)",
  );
  const nodes = (await checks()).get("citus nodes");
  assert.equal(nodes?.status, "fail");
  assert.match(nodes?.message ?? "", /:1 is away: failed to connect/);
});
