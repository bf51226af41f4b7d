import assert from "node:assert/strict";
import { after, test } from "node:test";
import postgres from "postgres";
import { systemClock } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import { startPostgres } from "../../../test/support/postgres.ts";
import { applyMigrations } from "../open.ts";
import { MigrationWaits } from "./migration-waits.ts";
import { open, queryOf } from "./a-database.suite.ts";

const server = await startPostgres({ fsync: "off", max_prepared_transactions: 5 });
after(() => server[Symbol.asyncDispose]());

/** The messages to an operator, as they arrive. */
class Told {
  readonly #all: string[] = [];
  #next = Promise.withResolvers<void>();
  readonly tell: Tell = {
    "migration.waits": ({ blocker }) => {
      this.#all.push(blocker);
      this.#next.resolve();
    },
  };

  /** Resolves with the first matching message. */
  async that(fits: RegExp): Promise<string> {
    for (;;) {
      const found = this.#all.find((message) => fits.test(message));
      if (found !== undefined) return found;
      await this.#next.promise;
      this.#next = Promise.withResolvers();
    }
  }
}

/** The session of another program. */
function stranger(address: string): postgres.Sql {
  const sql = postgres(address, { max: 1, onnotice: () => {}, connection: { application_name: "a report" } });
  after(() => sql.end({ timeout: 1 }));
  return sql;
}

test("a migration reports the session that it waits for: its user, its statement, and how to end it", async () => {
  const address = await server.createDatabase();
  const other = stranger(address);
  await other.unsafe("begin isolation level repeatable read");
  const [row] = await other.unsafe("select pg_backend_pid() as pid");
  const told = new Told();
  const migrating = applyMigrations(address, { tell: told.tell });
  const message = await told.that(/a report/);
  const pid = String(row?.["pid"]);
  assert.match(
    message,
    new RegExp(String.raw`^process ${pid} \("a report" of postgres, idle in transaction, `),
  );
  assert.match(
    message,
    /its transaction is \d+ s old, its last statement \d+ s: select pg_backend_pid\(\) as pid\)/,
  );
  assert.match(message, new RegExp(String.raw`end it with: select pg_terminate_backend\(${pid}\)$`));
  await open(address).query("select pg_terminate_backend($1::integer)", [pid]);
  assert.notEqual((await migrating).length, 0);
});

test("a migration reports a session that holds a lock on a table", async () => {
  const address = await server.createDatabase();
  const other = stranger(address);
  await other.unsafe("create table migration_turn (one boolean not null primary key check (one))");
  await other.unsafe("begin");
  await other.unsafe("lock table migration_turn");
  const told = new Told();
  const migrating = applyMigrations(address, { tell: told.tell });
  assert.match(await told.that(/a report/), /its last statement \d+ s: lock table migration_turn/);
  await other.unsafe("rollback");
  await migrating;
});

test("a migration reports another migration in progress", async () => {
  const address = await server.createDatabase();
  const other = stranger(address);
  await other.unsafe("begin isolation level repeatable read");
  await other.unsafe("select 1");
  const [first, second] = [new Told(), new Told()];
  const migrating = [applyMigrations(address, { tell: first.tell })];
  await first.that(/a report/);
  migrating.push(applyMigrations(address, { tell: second.tell }));
  assert.match(
    await second.that(/longrunning migration/),
    /"longrunning migration \S+" of postgres, idle in transaction/,
  );
  await other.unsafe("rollback");
  const applied = await Promise.all(migrating);
  assert.deepEqual([applied[0]?.length === 0, applied[1]?.length], [false, 0]);
});

test("a migration reports a prepared transaction, which has no process", async () => {
  const address = await server.createDatabase();
  const other = stranger(address);
  await other.unsafe("create table migration_turn (one boolean not null primary key check (one))");
  await other.unsafe("begin");
  await other.unsafe("lock table migration_turn");
  await other.unsafe("prepare transaction 'it''s left'");
  const told = new Told();
  const migrating = applyMigrations(address, { tell: told.tell });
  const message = await told.that(/prepared/);
  assert.match(
    message,
    /prepared transaction "it's left" of postgres, \d+ s old. End it with: rollback prepared 'it''s left'$/,
  );
  await other.unsafe(message.slice(message.indexOf("rollback prepared")));
  await migrating;
});

test("the same wait is reported once for a while, and a failed query is repeated", async () => {
  const address = await server.createDatabase();
  const [one, two] = [stranger(address), open(address, { name: "waiting", patient: true, connections: 1 })];
  await one.unsafe("create table t (n integer)");
  await one.unsafe("begin");
  await one.unsafe("lock table t");
  const waiting = two.query("select n from t");
  const query = queryOf(open(address));
  let asked = 0;
  const enough = Promise.withResolvers<void>();
  const messages: string[] = [];
  const waits = new MigrationWaits({
    name: "waiting",
    everyMs: 5,
    tell: { "migration.waits": ({ blocker }) => void messages.push(blocker) },
    query: async (text, parameters) => {
      if (++asked === 1) throw new Error("not now");
      if (asked === 20) enough.resolve();
      return query(text, parameters);
    },
  });
  await enough.promise;
  waits.stop();
  await one.unsafe("rollback");
  await waiting;
  assert.equal(messages.length, 1);
  await new Promise<void>((resolve) => systemClock.soon(resolve));
});
