import assert from "node:assert/strict";
import { test } from "node:test";
import { silence } from "../../core/events.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { attemptsKnownFrom, attemptsOf } from "../../core/operation/attempts.ts";
import { shardOf } from "../../core/operation/id.ts";
import { transition } from "../../core/operation/transition.ts";
import { type Migration, readMigrations } from "../migrate.ts";
import { openStore } from "../open.ts";
import { insertOf } from "../suite/subject.suite.ts";
import { documentedColumns, documentedStatements, sorted } from "../suite/tables-page.suite.ts";
import { open, queryOf, server } from "./a-database.suite.ts";
import type { Database } from "./database.ts";
import { makeKey, migrate, migrationsOf, readKey, requireMigrated } from "./schema.ts";

const KNOWN = readMigrations("postgres");

async function aDatabase(): Promise<Database> {
  return open(await server.createDatabase(), { patient: true });
}

const migrated = (database: Database, known = KNOWN): ReturnType<typeof migrate> =>
  migrate(queryOf(database), database, { now: () => 5, tell: silence }, known);

test("migrate() applies pending migrations once, and records them", async () => {
  const database = await aDatabase();
  assert.deepEqual(
    (await migrationsOf(queryOf(database))).map(({ applyTime }) => applyTime),
    KNOWN.map(() => null),
  );
  await assert.rejects(requireMigrated(queryOf(database)), {
    code: "FAILED_PRECONDITION",
    message: /"0001-operations" is not applied to it.*longrunning migrate/,
  });
  const applied = await migrated(database);
  assert.deepEqual(
    applied.map(({ name }) => name),
    KNOWN.map(({ name }) => name),
  );
  assert.deepEqual(
    (await migrationsOf(queryOf(database))).map(({ applyTime }) => applyTime),
    KNOWN.map(() => 5),
  );
  assert.deepEqual(await migrated(database), []);
  await requireMigrated(queryOf(database));
});

test("migrate() refuses a migration whose text was changed after it was applied, before it changes anything", async () => {
  const database = await aDatabase();
  const [first, ...others] = KNOWN;
  assert.ok(first);
  await migrated(database, [first]);
  const changed = [{ ...first, checksum: "0".repeat(64) }, ...others];
  await assert.rejects(migrated(database, changed), {
    code: "FAILED_PRECONDITION",
    message: /0001-operations.*checksum/,
  });
  assert.equal((await migrationsOf(queryOf(database))).filter((each) => each.applyTime !== null).length, 1);
});

test("several concurrent calls of migrate() apply each migration once", async () => {
  const address = await server.createDatabase();
  const applied = await Promise.all(
    Array.from({ length: 6 }, () => migrated(open(address, { patient: true }))),
  );
  assert.deepEqual(
    applied.map(({ length }) => length).toSorted((a, b) => a - b),
    [0, 0, 0, 0, 0, KNOWN.length],
  );
});

test("migrate() rebuilds an index whose creation was interrupted", async () => {
  const database = await aDatabase();
  const index = KNOWN.findIndex(({ name }) => name.includes("operations-claim"));
  await migrated(database, KNOWN.slice(0, index));
  await database.query(KNOWN[index]?.text ?? "");
  // The state that a server killed during the migration leaves.
  await database.query(
    "update pg_index set indisvalid = false where indexrelid = 'operations_claim'::regclass",
  );
  await migrated(database);
  const rows = await database.query("select indexrelid::regclass::text from pg_index where not indisvalid");
  assert.equal(rows.length, 0);
  assert.equal((await database.query("select to_regclass('operations_claim') is not null"))[0]?.[0], true);
});

test("migrate() names the migration that failed, and continues from there the next time", async () => {
  const database = await aDatabase();
  const broken = { number: 1, name: "0001-broken", text: "create table operations (", checksum: "c" };
  await assert.rejects(migrated(database, [broken]), {
    code: "FAILED_PRECONDITION",
    message: /^Cannot apply migration "0001-broken": syntax error/,
  });
  assert.equal((await migrated(database)).length, KNOWN.length);
});

test("migrate() keeps operations from before attempts were recorded, and records their next attempts", async () => {
  const address = await server.createDatabase();
  const database = open(address, { patient: true });
  await migrated(database, KNOWN.slice(0, 26));
  const { id } = anOperation();
  await database.query(
    `insert into operations (shard, id, parent, method, request, target, priority, attempts_max, create_time, time_to_live_ms,
      state, revision, attempt, failed_attempts, available_time, blocked, start_time, worker, lease_time)
    values ($1, $2, '', 'm', '{}', '', 0, 3, 5, 900000, 'RUNNING', 2, 2, 1, 5, false, 6, 'old', 8)`,
    [shardOf(id), id],
  );
  await migrated(database);
  const store = await openStore(address, { keepsLeases: false, postgres: { listen: false } });
  const known = (await store.read(id)) ?? assert.fail("it is gone");
  assert.deepEqual([known.attempts, known.attemptTime, known.lastWorker], [[], null, null]);
  const { next } = transition(known, { type: "expire", now: 9, retryTime: 10 });
  assert.ok(next);
  await store.write({ verb: "replace", next, expectedRevision: 2 });
  const wanted = [{ method: "m", limit: 1 }];
  const claimed = await store.write({ verb: "claim", worker: "new", leaseMs: 9_000, limit: 1, wanted });
  const again = claimed.operations[0] ?? assert.fail("it is not claimed");
  assert.deepEqual(
    attemptsOf(again).map(({ number, worker, how }) => [number, worker, how]),
    [
      [2, "old", "worker-lost"],
      [3, "new", "running"],
    ],
  );
  assert.equal(attemptsKnownFrom(again), 2, "attempts before the upgrade were not recorded");
  assert.equal(again.attempts[0]?.beginTime, null);
  assert.ok((again.attemptTime ?? 0) > 9);
  assert.deepEqual(await store.read(id), again);
  await store.close();
});

test("makeKey() makes 32 bytes once, in concurrent calls too", async () => {
  const database = await aDatabase();
  await migrated(database);
  const query = queryOf(database);
  assert.equal(await readKey(query), undefined);
  const keys = await Promise.all([1, 2, 3].map((byte) => makeKey(query, new Uint8Array(32).fill(byte))));
  const kept = (await readKey(query)) ?? assert.fail("no key");
  for (const key of keys) assert.deepEqual(key, kept);
  assert.equal(kept.length, 32);
  assert.ok([1, 2, 3].includes(kept[0] ?? 0));
});

const LAST_INDEX =
  KNOWN.findLast(({ text }) => /create index concurrently.* operations_/.test(text)) ??
  assert.fail("there are indexes");

/**
 * Migrations that wait for others: the name, the known migrations, how to make it pending, and the
 * sign that it waits.
 */
const WAITING = [
  [
    "that builds an index",
    KNOWN,
    LAST_INDEX,
    `drop index ${/exists (operations_\w+)/.exec(LAST_INDEX.text)?.[1]}`,
  ],
  ["that adds a column", [...KNOWN, addsAColumn()], addsAColumn(), "select"],
] as const;

function addsAColumn(): Migration {
  const text = "alter table operations add column if not exists later text";
  return { number: KNOWN.length + 1, name: "later", text, checksum: "0".repeat(64) };
}

for (const [what, known, waiting, undo] of WAITING)
  test(`a write does not wait for a migration ${what}, however long the migration waits for others`, async () => {
    const address = await server.createDatabase();
    const store = await openStore(address, { keepsLeases: false, postgres: { listen: false } });
    const [database, somebody] = [open(address, { patient: true }), open(address, { patient: true })];
    await database.query(undo);
    await database.query("delete from migrations where number >= $1", [waiting.number]);
    const again = await somebody.transaction(async (query) => {
      await query("delete from operations where false");
      const migrating = migrated(database, known);
      const asked = `select from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and position($1 in query) > 0 and wait_event_type = 'Lock'`;
      while ((await database.query(asked, [waiting.text.slice(0, 30)])).length === 0);
      const operation = anOperation({ method: "m", parallelKey: "k" });
      await store.write(insertOf(operation));
      const wanted = [{ method: "m", limit: 1 }];
      const claim = { verb: "claim", worker: "w", leaseMs: 9_000, limit: 1, wanted } as const;
      assert.equal((await store.write(claim)).operations.length, 1);
      assert.deepEqual(await store.write({ verb: "remove", id: operation.id, parent: "" }), {
        removed: true,
      });
      return { migrating };
    });
    const applied = await again.migrating;
    assert.deepEqual(
      applied.map(({ number }) => number),
      known.map(({ number }) => number).filter((number) => number >= waiting.number),
    );
    await store.close();
  });

test("docs/tables.md has every column with its type, and statements that run", async () => {
  const database = await aDatabase();
  await migrated(database);
  const columns = await queryOf(database)(
    `select table_name::text, column_name::text,
            data_type || case is_nullable when 'YES' then ', null' else '' end
     from information_schema.columns where table_schema = 'public'`,
  );
  assert.deepEqual(
    documentedColumns("postgres"),
    sorted(columns.map(([table, name, type]) => [String(table), String(name), String(type)])),
  );
  const statements = documentedStatements("postgres");
  assert.equal(statements.length, 2);
  for (const statement of statements) assert.equal((await queryOf(database)(statement)).length, 0);
});
