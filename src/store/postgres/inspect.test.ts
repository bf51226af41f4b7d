import assert from "node:assert/strict";
import { test } from "node:test";
import { parseAddress } from "../address.ts";
import { aMigratedAddress, open, server } from "./a-database.suite.ts";
import { APART, CUT } from "./distribution.ts";
import { inspectPostgres, type PostgresState } from "./inspect.ts";

function inspect(address: string): Promise<PostgresState> {
  const parsed = parseAddress(address);
  assert.ok(parsed.kind === "postgres");
  return inspectPostgres(parsed);
}

const address = await aMigratedAddress();

test("inspectPostgres() returns the version, the durability, the privileges and the connections of a database", async () => {
  const state = await inspect(address);
  assert.equal(Math.floor(state.versionNumber / 10_000), Number.parseInt(state.version, 10));
  assert.deepEqual(
    [state.synchronousCommit, state.fsync, state.fullPageWrites, state.isStandby],
    // The test server runs without fsync, because it has nothing to lose.
    ["on", false, true, false],
  );
  assert.deepEqual([state.mayCreate, state.missingRights], [true, []]);
  assert.ok(state.connectionsUsed >= 1 && state.connectionsUsed < state.connectionsMax);
  assert.ok(state.bytes > 0);
});

test("inspectPostgres() returns the settings of the address's sessions, not those of the server", async () => {
  const state = await inspect(`${address}?synchronous_commit=off`);
  assert.equal(state.synchronousCommit, "off");
});

const WRITTEN = [...CUT, ...APART];

test("inspectPostgres() names each right that the user lacks: one of several is not all of them", async () => {
  const database = open(address);
  await database.query("create role reader login");
  await database.query(`grant select on ${[...WRITTEN, "service", "migrations"].join(", ")} to reader`);
  const state = await inspect(address.replace("//postgres@", "//reader@"));
  assert.equal(state.mayCreate, false);
  assert.deepEqual(
    state.missingRights.toSorted((a, b) => (a < b ? -1 : 1)),
    [
      ...["delete", "insert", "update"].flatMap((right) => WRITTEN.map((table) => `${right} on ${table}`)),
      "insert on service",
    ].toSorted((a, b) => (a < b ? -1 : 1)),
  );
});

test("inspectPostgres() looks at a database without our tables too", async () => {
  const state = await inspect(await server.createDatabase());
  assert.deepEqual([state.missingRights, state.liveRows, state.bytes], [[], 0, 0]);
});

test("inspectPostgres() returns the age of a transaction that holds vacuum back", async () => {
  const database = open(address);
  const held = await database.transaction(async (query) => {
    await query("set transaction isolation level repeatable read");
    await query("select count(*) from operations");
    await query("select pg_sleep(1.1)");
    return inspect(address);
  });
  assert.ok(held.oldestTransactionSeconds >= 1, String(held.oldestTransactionSeconds));
});

test("inspectPostgres() rejects with the database's error, and leaves no connection open", async () => {
  await assert.rejects(inspect(`${address}_not_there`), { code: "3D000" });
  await assert.rejects(inspect("postgres://u@127.0.0.1:1/d"), { code: "ECONNREFUSED" });
});
