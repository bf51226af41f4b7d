import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { applyMigrations } from "../open.ts";
import { failureOf, HOSTILE, open, server, set } from "./a-database.suite.ts";
import type { Database } from "./database.ts";
import { faultKind } from "./fault.ts";

const address = await server.createDatabase();
const other = open(address);

const valuesOf = async (database: Database, text: string): Promise<readonly unknown[]> =>
  (await database.query(text)).map(([value]) => value);

const settingOf = async (at: string, name: string): Promise<unknown> =>
  (await open(at).query("select current_setting($1)", [name]))[0]?.[0];

describe("a session on a database with other settings", { concurrency: true }, () => {
  for (const level of ["read uncommitted", "repeatable read", "serializable"]) {
    it(`migrates where transactions are ${level} by default, and lets none of its own be so`, async () => {
      const at = await server.createDatabase();
      await set(at, { default_transaction_isolation: level, default_transaction_deferrable: "on" });
      assert.notEqual((await applyMigrations(at)).length, 0);
      const database = open(at);
      const text =
        "select current_setting('transaction_isolation'), current_setting('transaction_deferrable')";
      assert.deepEqual([...((await database.query(text))[0] ?? [])], ["read committed", "off"]);
      const inside = await database.transaction((query) => query(text));
      assert.deepEqual([...(inside[0] ?? [])], ["read committed", "off"]);
    });
  }

  it("runs statements with the same meaning, ends in time, and is durable", async () => {
    const at = await server.createDatabase();
    await set(at, HOSTILE);
    const database = open(at);
    const [row = []] = await database.query(String.raw`select $1::text[], 'a\b', length('ä')`, [
      '{NULL,"x"}',
    ]);
    assert.deepEqual([...row], ["{NULL,x}", String.raw`a\b`, 1]);
    const [nulls] = await database.query("select ($1::text[])[1] is null", ["{NULL}"]);
    assert.equal(nulls?.[0], true);
    const expected = {
      statement_timeout: "5s",
      lock_timeout: "200ms",
      idle_session_timeout: "0",
      idle_in_transaction_session_timeout: "10s",
      transaction_timeout: "10s",
      plan_cache_mode: "force_generic_plan",
      enable_indexscan: "on",
      synchronous_commit: "on",
    };
    for (const [name, value] of Object.entries(expected))
      assert.equal(await settingOf(at, name), value, name);
    await assert.rejects(database.query("select 1 / 0"), { code: "22012" });
  });

  it("has the database end sessions of lost clients after a minute, also those of migrations", async () => {
    for (const patient of [false, true]) {
      const database = open(address, { patient, connections: 1 });
      const [row] = await database.query(
        "select " +
          ["idle", "interval", "count"].map((name) => `current_setting('tcp_keepalives_${name}')`).join() +
          ", current_setting('tcp_user_timeout')",
      );
      assert.deepEqual([...(row ?? [])], ["30", "10", "3", "60000"]);
    }
    assert.equal(await settingOf(`${address}?tcp_keepalives_idle=300`, "tcp_keepalives_idle"), "300");
  });

  it("gives migrations the time that they need", async () => {
    const at = await server.createDatabase();
    await set(at, { statement_timeout: "1s", lock_timeout: "1s", transaction_timeout: "1s" });
    const patient = open(at, { patient: true, connections: 1 });
    for (const name of ["statement_timeout", "lock_timeout", "transaction_timeout", "idle_session_timeout"]) {
      assert.equal((await patient.query("select current_setting($1)", [name]))[0]?.[0], "0", name);
    }
  });
});

describe("a session with settings in its address", () => {
  it("has these settings, unless they would change the meaning of our statements", async () => {
    assert.equal(await settingOf(`${address}?statement_timeout=3s`, "statement_timeout"), "3s");
    assert.equal(await settingOf(`${address}?options=-c%20work_mem%3D5MB`, "work_mem"), "5MB");
    assert.equal(await settingOf(`${address}?application_name=it%27s`, "application_name"), "it's");
    assert.equal(await settingOf(`${address}?array_nulls=off`, "array_nulls"), "on");
    assert.equal(await settingOf(`${address}?channel_binding=prefer&connect_timeout=10`, "jit"), "off");
  });

  it("is refused if the database has no such setting", async () => {
    const error = await failureOf(open(`${address}?serach_path=a`).query("select 1"));
    assert.equal(faultKind(error), "refused");
    assert.match(String(error), /serach_path/);
  });

  it("takes the user and the password from behind the question mark too", async () => {
    await other.query("create role \"a guest\" login password 'x'");
    const { port, pathname } = new URL(address);
    const at = `postgres://127.0.0.1:${port}${pathname}?user=a+guest&password=x`;
    assert.equal((await open(at).query("select current_user"))[0]?.[0], "a guest");
  });

  it("uses the first suitable one of several hosts", async () => {
    const { host } = new URL(address);
    const several = address.replace(host, `127.0.0.1:1,${host}`);
    const failures = await Promise.allSettled([1, 2, 3, 4].map(() => open(several).query("select 1")));
    assert.deepEqual(
      new Set(failures.map(({ status }) => status)),
      new Set(["rejected"]),
      "each database by itself",
    );
    const database = open(several, { connections: 4 });
    await Promise.allSettled([1, 2, 3].map(() => database.query("select 1")));
    assert.equal((await database.query("select 1"))[0]?.[0], 1);
  });

  it("tries the next host if a server is read-only and the address requires writes", async () => {
    const { host } = new URL(address);
    const at = await server.createDatabase();
    await set(at, { default_transaction_read_only: "on" });
    const name = new URL(at).pathname;
    const asked = (target: string): Promise<unknown> =>
      open(`postgres://postgres@${host}${name}?target_session_attrs=${target}`).query("select 1");
    for (const target of ["read-write", "standby"]) {
      assert.equal(faultKind(await failureOf(asked(target))), "unsent");
    }
    for (const target of ["any", "read-only", "primary"]) await asked(target);
    assert.throws(() => open(`${address}?target_session_attrs=none`), {
      name: "TypeError",
      message: /read-write/,
    });
  });

  it("fails if TLS is required and the server has none, and does without if this is allowed", async () => {
    await assert.rejects(open(`${address}?sslmode=require`).query("select 1"), { code: "TLS_REFUSED" });
    for (const mode of ["disable", "allow", "prefer"])
      await open(`${address}?sslmode=${mode}`).query("select 1");
    assert.throws(() => open(`${address}?sslmode=on`), {
      name: "TypeError",
      message: /sslmode.*verify-full/,
    });
  });
});

describe("a session that can no longer be used", () => {
  it("is not used again after its server has refused a write", async () => {
    const at = await server.createDatabase();
    await open(at).query("create table t (n integer)");
    await set(at, { default_transaction_read_only: "on" });
    const database = open(at, { connections: 1 });
    assert.equal((await database.query("select 1"))[0]?.[0], 1);
    const rescue = open(`${at}?default_transaction_read_only=off`);
    await rescue.query(`alter database ${new URL(at).pathname.slice(1)} reset default_transaction_read_only`);
    await assert.rejects(database.query("insert into t values (1)"), { code: "25006" });
    await database.query("insert into t values (2)");
    assert.deepEqual(await valuesOf(database, "select n from t"), [2]);
  });

  it("executes no part of a transaction on another connection", async () => {
    const database = open(address, { connections: 2 });
    await other.query("create table halves (n integer)");
    const failed = database.transaction(async (query) => {
      const [row] = await query("select pg_backend_pid()");
      await query("insert into halves values (1)");
      await other.query("select pg_terminate_backend($1::integer, 5000)", [Number(row?.[0])]);
      // The end of the connection is known by now, or becomes known with the next statement.
      for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => systemClock.soon(resolve));
      await query("insert into halves values (2)");
    });
    await assert.rejects(failed, (error) => faultKind(error) === "unknown");
    assert.deepEqual(await valuesOf(other, "select n from halves"), []);
  });

  it("commits nothing if a statement failed, even if the failure was not reported", async () => {
    await other.query("create table swallowed (n integer)");
    const failed = other.transaction(async (query) => {
      await query("insert into swallowed values (1)");
      await query("select 1 / 0").catch(() => {});
    });
    await assert.rejects(failed, { code: "22012" });
    assert.deepEqual(await valuesOf(other, "select n from swallowed"), []);
  });
});
