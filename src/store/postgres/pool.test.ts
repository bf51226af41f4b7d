import assert from "node:assert/strict";
import { after, test } from "node:test";
import { server } from "./a-database.suite.ts";
import { Pool } from "./pool.ts";

const address = await server.createDatabase();

function aPool(connections: number, ageMsMax?: number): Pool {
  const pool = new Pool({ address, connections }, ageMsMax);
  after(() => pool.destroy());
  return pool;
}

const pidOf = async (pool: Pool): Promise<unknown> =>
  (await pool.query("select pg_backend_pid()", []))[0]?.[0];

test("statements share sessions, up to the limit", async () => {
  const pool = aPool(3);
  const pids = await Promise.all(Array.from({ length: 20 }, () => pidOf(pool)));
  assert.equal(new Set(pids).size, 3);
  assert.ok(pids.includes(await pidOf(pool)), "an idle one is used again");
});

test("a transaction has a session of its own, and waits if none is free", async () => {
  const pool = aPool(1);
  const release = Promise.withResolvers<void>();
  const order: string[] = [];
  const begun = Promise.withResolvers<void>();
  const first = pool.transaction(async (query) => {
    await query("select 1");
    begun.resolve();
    await release.promise;
    order.push("first");
  });
  await begun.promise;
  const behind = [
    pool.query("select 2", []).then(() => order.push("statement")),
    pool.transaction(async (query) => void (await query("select 3"))).then(() => order.push("second")),
    pool.query("select 4", []).then(() => order.push("statement")),
  ];
  release.resolve();
  await Promise.all([first, ...behind]);
  assert.deepEqual([order[0], order.toSorted()], ["first", ["first", "second", "statement", "statement"]]);
});

test("a statement that comes during a transaction is not part of it", async () => {
  const pool = aPool(1);
  await pool.query("create table outside (n integer)", []);
  const undone = new Error("undone");
  let outside: Promise<unknown> | undefined;
  const transaction = pool.transaction(async (query) => {
    await query("select 1");
    outside = pool.query("insert into outside values (1)", []);
    await query("select 2");
    throw undone;
  });
  await assert.rejects(transaction, undone);
  await outside;
  assert.equal((await pool.query("select n from outside", [])).length, 1);
});

test("an old session is replaced when it is idle", async () => {
  const pool = aPool(1, 0);
  assert.notEqual(await pidOf(pool), await pidOf(pool));
});

test("statements that wait when the pool ends are executed, and later ones are refused", async () => {
  const pool = aPool(1);
  const transaction = pool.transaction((query) => query("select 1 from pg_sleep(0.05)"));
  const waiting = pool.query("select 2", []);
  await pool.end();
  assert.deepEqual(
    [await transaction, await waiting].map((rows) => rows[0]?.[0]),
    [1, 2],
  );
  await assert.rejects(pool.query("select 3", []), { code: "CONNECTION_CLOSED" });
});

test("statements that wait when the pool is destroyed are rejected", async () => {
  const pool = aPool(1);
  const transaction = pool.transaction((query) => query("select pg_sleep(5)"));
  const waiting = pool.query("select 2", []);
  pool.destroy();
  for (const promise of [transaction, waiting]) await assert.rejects(promise);
});
