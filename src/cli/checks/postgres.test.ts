import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { after, describe, it } from "node:test";
import { startPostgres } from "../../../test/support/postgres.ts";
import { applyMigrations, openStore } from "../../store/open.ts";
import { Database } from "../../store/postgres/database.ts";
import { anOperation } from "../../testing/an-operation.ts";
import type { Check } from "./check.ts";
import { EXIT } from "../exit.ts";
import { storeChecks } from "./store.ts";
import { aWorld, source } from "../world.suite.ts";

// With full durability, because the checks examine it.
const server = await startPostgres({ max_connections: 20 });
after(() => server[Symbol.asyncDispose]());
const address = await server.createDatabase();
await applyMigrations(address);
const database = new Database({ address, connections: 2 });
after(() => database.close());

async function checksOf(store: string): Promise<ReadonlyMap<string, Check>> {
  using world = aWorld();
  return new Map((await storeChecks(world.io, store)).map((check) => [check.name, check]));
}

const statuses = async (store: string): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries(Array.from(await checksOf(store), ([name, { status }]) => [name, status]));

/** Resolves when a stream contains the text. */
async function said(stream: Readable, wanted: RegExp): Promise<void> {
  let printed = "";
  for await (const chunk of stream.setEncoding("utf8")) {
    printed += String(chunk);
    if (wanted.test(printed)) return void stream.resume();
  }
  assert.fail(`never said: ${String(wanted)}\n${printed}`);
}

describe("doctor on PostgreSQL", () => {
  it("passes for a database that has everything that serve needs", async () => {
    const names = "version durability standby rights store migrations overdue connections bloat transactions";
    assert.deepEqual(
      await statuses(address),
      Object.fromEntries(names.split(" ").map((name) => [name, "ok"])),
    );
    const checks = await checksOf(address);
    assert.match(
      checks.get("durability")?.message ?? "",
      /^synchronous_commit on, fsync on, full_page_writes on$/,
    );
  });

  it("fails if a commit does not wait for the disk, and says what to do", async () => {
    const checks = await checksOf(`${address}?synchronous_commit=off`);
    const { status, message, next } = checks.get("durability") ?? assert.fail("no check");
    assert.equal(status, "fail");
    assert.match(message, /^synchronous_commit off/);
    assert.match(next ?? "", /acknowledged can be lost.*set synchronous_commit = on/);
    assert.equal((await statuses(`${address}?synchronous_commit=remote_apply`))["durability"], "ok");
  });

  it("fails for a user without privileges, and names the missing ones", async () => {
    await database.query("create role guest login");
    await database.query("grant select on operations to guest");
    const guest = address.replace("//postgres@", "//guest@");
    const checks = await checksOf(guest);
    const { status, message } = checks.get("rights") ?? assert.fail("no check");
    assert.equal(status, "fail");
    assert.match(message, /insert on operations/);
    assert.doesNotMatch(message, /select on operations/);
    assert.equal(checks.has("migrations"), false, "what cannot be read is not guessed");
  });

  it("warns of pending migrations, and fails if the user may not apply them", async () => {
    const empty = await server.createDatabase();
    assert.equal((await statuses(empty))["migrations"], "warn");
    const guest = await checksOf(empty.replace("//postgres@", "//guest@"));
    assert.equal(guest.get("migrations")?.status, "fail");
    assert.match(guest.get("migrations")?.next ?? "", /longrunning migrate/);
  });

  it("warns of dead rows that are not removed, and of connections that run out", async () => {
    const store = await openStore(address);
    await Promise.all(
      Array.from({ length: 1_000 }, () => store.write({ verb: "insert", operation: anOperation() })),
    );
    await store.close();
    await database.query("alter table operations set (autovacuum_enabled = false)");
    for (let round = 0; round < 11; round++)
      await database.query("update operations set parent = parent || 'x'");
    await database.query("select pg_stat_force_next_flush()");
    await database.query("select 1");
    const crowd = new Database({ address, connections: 15 });
    try {
      await Promise.all(Array.from({ length: 15 }, () => crowd.query("select pg_sleep(0.3)")));
      const checks = await checksOf(address);
      assert.equal(checks.get("connections")?.status, "warn");
      assert.equal(checks.get("bloat")?.status, "warn", checks.get("bloat")?.message);
    } finally {
      await crowd.close();
    }
  });

  it("names the cause and the remedy, and never suggests restoring a file", async () => {
    for (const [store, message, next] of [
      [`${address}_not`, /no such database \(database "\w+_not" does not exist\)/, /createdb/],
      [`${address}?sslmode=require`, /does not offer TLS/, /sslmode=disable/],
      [address.replace("//postgres@", "//nobody@"), /role "nobody" does not exist/, /user in the address/],
    ] as const) {
      const check = (await checksOf(store)).get("store");
      assert.match(check?.message ?? "", message);
      assert.match(check?.next ?? "", next);
      assert.doesNotMatch(check?.next ?? "", /backup|file/);
    }
    await database.query("create table set_aside as select * from migrations");
    await database.query("update migrations set checksum = 'x' where number = 1");
    const { message, next } = (await checksOf(address)).get("store") ?? assert.fail("no check");
    await database.query(
      "update migrations set checksum = (select checksum from set_aside where number = 1) where number = 1",
    );
    assert.match(message, /0001-operations/);
    assert.doesNotMatch(next ?? "", /another file/);
  });

  it("fails for an unreachable database, with the original error, without the password", async () => {
    const checks = await checksOf("postgres://me:secret@127.0.0.1:1/operations");
    const { status, message } = checks.get("store") ?? assert.fail("no check");
    assert.equal(status, "fail");
    assert.match(
      message,
      /^postgres:\/\/me:\*\*\*@127\.0\.0\.1:1\/operations cannot be reached: .*ECONNREFUSED/,
    );
    const missing = await checksOf(`${address}_not_there`);
    assert.match(missing.get("store")?.message ?? "", /does not exist/);
  });
});

describe("migrate on PostgreSQL", () => {
  it("shows pending migrations, applies them, and then all are applied", async () => {
    const store = await server.createDatabase();
    using world = aWorld();
    assert.equal(await world.run("migrate", "--store", store, "--dry-run"), EXIT.succeeded);
    assert.match(world.out(), /0001-operations +pending/);
    assert.match(world.err(), /pending; apply with: longrunning migrate/);
    assert.equal(await world.run("migrate", "--store", store), EXIT.succeeded);
    assert.match(world.err(), new RegExp(`Applied ${readdirSync("sql/postgres").length} `));
    using again = aWorld();
    assert.equal(await again.run("migrate", "--store", store, "--dry-run"), EXIT.succeeded);
    assert.match(again.err(), /The schema is up to date/);
    assert.doesNotMatch(again.out(), / pending/);
  });
});

describe("serve on PostgreSQL", () => {
  it("waits for an unavailable database, and reports that it cannot serve", async () => {
    const main = source("cli/main.ts");
    const asked = [
      "serve",
      source("../examples/archive/archive.ts"),
      "--store",
      "postgres://u@127.0.0.1:1/d",
      "--port",
      "0",
    ];
    const child = spawn(process.execPath, [main, ...asked], { stdio: ["ignore", "ignore", "pipe"] });
    const ended = once(child, "exit");
    const printed = await text(child.stderr);
    assert.deepEqual(await ended, [EXIT.refused, null], printed);
    assert.match(
      printed,
      /^error: Cannot serve: Cannot open "postgres:\/\/u@127\.0\.0\.1:1\/d": nothing listens there/,
    );
  });

  it("continues as a worker while the database is unavailable, and stops when it is told to", async () => {
    const store = await server.createDatabase();
    const words = ["serve", source("../examples/archive/archive.ts"), "--store", store, "--role", "worker"];
    const worker = spawn(process.execPath, [source("cli/main.ts"), ...words], { stdio: "pipe" });
    const ended = once(worker, "exit");
    await said(worker.stdout, /Working/);
    const noticed = said(
      worker.stderr,
      /cannot listen to the database|connection that listens to the database ended/,
    );
    await Promise.all([server.stop(), noticed]);
    await server.start();
    worker.kill("SIGTERM");
    assert.deepEqual(await ended, [EXIT.succeeded, null]);
  });

  it("runs handlers as a worker, without a port", async () => {
    using world = aWorld();
    const file = world.file(
      "archive.ts",
      `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
       const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
       export const createArchive = defineMethod({ name: "createArchive", request, run: () => {} });`,
    );
    const ended = world.run("serve", file, "--store", address, "--role", "worker");
    await world.outContains("Stop with Ctrl-C");
    assert.match(world.out(), /^Working\n\nMethods:\n {2}createArchive/);
    assert.doesNotMatch(world.out(), /Try:|http/);
    world.interrupt();
    assert.equal(await ended, EXIT.succeeded);
    using quiet = aWorld();
    const alsoEnded = quiet.run(
      "serve",
      file,
      "--store",
      address,
      "--role",
      "worker",
      "--log-format",
      "json",
    );
    await quiet.errContains('"message":"working"');
    assert.equal(quiet.out(), "Working\n");
    quiet.interrupt();
    assert.equal(await alsoEnded, EXIT.succeeded);
  });
});
