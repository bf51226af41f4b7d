import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import type { Tell } from "../../core/events.ts";
import { attemptsKnownFrom, attemptsOf } from "../../core/operation/attempts.ts";
import { transition } from "../../core/operation/transition.ts";
import { readMigrations } from "../migrate.ts";
import { documentedColumns, documentedStatements, sorted } from "../suite/tables-page.suite.ts";
import { applyMigrations, listMigrations, openStore } from "../open.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { Reader } from "./reader.ts";
import { Writer } from "./writer.ts";
import { migrate, migrationsOf, requireMigrated } from "./schema.ts";

test("migrate() applies pending migrations once, and stores the time", () => {
  const database = new DatabaseSync(":memory:");
  const names = readMigrations("sqlite").map((each) => each.name);
  assert.deepEqual(
    migrationsOf(database).map((each) => each.applyTime),
    names.map(() => null),
  );
  assert.throws(() => requireMigrated(database), {
    code: "FAILED_PRECONDITION",
    message: /"0001-operations"/,
  });
  assert.deepEqual(
    migrate(database, 7).map((each) => each.name),
    names,
  );
  assert.deepEqual(migrate(database, 8), []);
  assert.deepEqual(
    migrationsOf(database).map((each) => each.applyTime),
    names.map(() => 7),
  );
  requireMigrated(database);
});

test("migrate() keeps operations from before there were priorities, limits and callers, and they can be claimed", () => {
  const database = openForWriting(MEMORY);
  migrate(database, 7, readMigrations("sqlite").slice(0, 3));
  const operation = anOperation({ requestId: "r", caller: null });
  const { id, method, request, createTime } = operation;
  database
    .prepare(`insert into operations (id, parent, method, request_id, request, target, attempts_max, create_time,
      time_to_live_ms, state, revision, attempt, failed_attempts, available_time)
      values (?, '', ?, 'r', ?, '', 3, ?, 86400000, 'PENDING', 1, 0, 0, ?)`)
    .run(id, method, request, createTime, createTime);
  migrate(database, 8);
  const reader = new Reader(database);
  assert.deepEqual(reader.read(id), operation);
  const claim = { verb: "claim", worker: "w", leaseMs: 9, limit: 1, wanted: [{ method, limit: 1 }] } as const;
  new Writer(database).run([claim], createTime);
  assert.equal(reader.read(id)?.state, "RUNNING");
});

test("migrate() keeps operations from before attempts were recorded, and records the next attempts", () => {
  const database = openForWriting(MEMORY);
  migrate(database, 7, readMigrations("sqlite").slice(0, 5));
  const [ended, running] = [anOperation(), anOperation()];
  const insert =
    database.prepare(`insert into operations (id, parent, method, request, target, attempts_max, create_time,
    time_to_live_ms, state, revision, attempt, failed_attempts, available_time, error, end_time, expire_time, start_time,
    worker, lease_time) values (?, '', 'm', '{}', '', 3, 5, 9, ?, 2, ?, 0, 5, ?, ?, ?, ?, ?, ?)`);
  insert.run(ended.id, "FAILED", 2, '{"code":"ABORTED"}', 9, 9, null, null, null);
  insert.run(running.id, "RUNNING", 1, null, null, null, 6, "old", 8);
  migrate(database, 8);
  const [reader, writer] = [new Reader(database), new Writer(database)];
  const old = reader.read(ended.id) ?? assert.fail("it is gone");
  assert.deepEqual([old.attempts, old.attemptTime, old.lastWorker], [[], null, null]);
  assert.equal(attemptsKnownFrom(old), 3, "attempts before the upgrade were not recorded");
  const known = reader.read(running.id) ?? assert.fail("it is gone");
  const { next } = transition(known, { type: "expire", now: 9, retryTime: 10 });
  assert.ok(next);
  writer.run([{ verb: "replace", next, expectedRevision: 2 }], 9);
  writer.run(
    [{ verb: "claim", worker: "new", leaseMs: 9, limit: 1, wanted: [{ method: "m", limit: 1 }] }],
    12,
  );
  const again = reader.read(running.id) ?? assert.fail("it is gone");
  assert.deepEqual(
    attemptsOf(again).map(({ number, worker, beginTime, endTime, how }) => [
      number,
      worker,
      beginTime,
      endTime,
      how,
    ]),
    [
      [1, "old", 6, 9, "worker-lost"],
      [2, "new", 12, null, "running"],
    ],
  );
});

test("migrate() keeps nothing of a failed migration", () => {
  const database = new DatabaseSync(":memory:");
  const broken = {
    number: 1,
    name: "0001-broken",
    text: "create table a (b); create tabel c;",
    checksum: "x",
  };
  assert.throws(() => migrate(database, 7, [broken]), {
    code: "FAILED_PRECONDITION",
    message: /"0001-broken".*tabel/,
  });
  assert.equal(database.prepare("select name from sqlite_schema where name = 'a'").get(), undefined);
  assert.deepEqual(
    migrationsOf(database, [broken]).map((each) => each.applyTime),
    [null],
  );
});

test("openStore() refuses a file whose migration was changed, without touching it", async (context) => {
  const path = aDatabaseFile(context);
  await (await openStore(`sqlite:${path}`)).close();
  const database = new DatabaseSync(path);
  database.exec("update migrations set checksum = 'another' where number = 1");
  database.close();
  await assert.rejects(openStore(`sqlite:${path}`), {
    code: "FAILED_PRECONDITION",
    message: /"0001-operations"/,
  });
});

test("listMigrations() and applyMigrations() work on a file that no server has open", async (context) => {
  const address = `sqlite:${aDatabaseFile(context)}`;
  const all = readMigrations("sqlite").map((each) => each.name);
  const pending = async () => (await listMigrations(address)).filter((each) => each.applyTime === null);
  assert.deepEqual(
    (await pending()).map((each) => each.name),
    all,
  );
  assert.deepEqual(
    (await applyMigrations(address)).map((each) => each.name),
    all,
  );
  assert.deepEqual(await pending(), []);
  const store = await openStore(address);
  await assert.rejects(applyMigrations(address), {
    code: "FAILED_PRECONDITION",
    message: /another server has it open/,
  });
  assert.deepEqual(await pending(), []);
  await store.close();
});

test("each migration is reported before it begins and once it is applied, and none if all are applied", () => {
  const database = openForWriting(MEMORY);
  const told: { readonly name: unknown; readonly applied: number }[] = [];
  const note = (name: string): void => {
    told.push({ name, applied: migrationsOf(database).filter((each) => each.applyTime !== null).length });
  };
  const tell: Tell = {
    "migration.began": ({ name }) => note(name),
    "migration.applied": ({ name }) => note(name),
  };
  const names = migrate(database, 1, undefined, tell).map(({ name }) => name);
  assert.deepEqual(
    told,
    names.flatMap((name, applied) => [
      { name, applied },
      { name, applied: applied + 1 },
    ]),
  );
  migrate(database, 2, undefined, tell);
  assert.equal(told.length, 2 * names.length);
});

test("docs/tables.md has every column with its type, and statements that run", () => {
  const database = openForWriting(MEMORY);
  migrate(database, 7);
  const columns = database
    .prepare(
      `select t.name as "table", c.name as name, lower(c.type) || iif(c."notnull", '', ', null') as type
       from sqlite_schema t join pragma_table_info(t.name) c
       where t.type = 'table'`,
    )
    .all();
  assert.deepEqual(
    documentedColumns("sqlite"),
    sorted(columns.map(({ table, name, type }) => [String(table), String(name), String(type)])),
  );
  const statements = documentedStatements("sqlite");
  assert.equal(statements.length, 2);
  for (const statement of statements) assert.deepEqual(database.prepare(statement).all(), []);
});
