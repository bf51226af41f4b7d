import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../core/ports/random.ts";
import { openStore } from "../open.ts";
import { aMigratedAddress, open, queryOf } from "./a-database.suite.ts";
import { rehearsed, rehearseAll } from "./rehearsal.ts";
import { CLAIM } from "./statements-claim.ts";
import { INSERT, INSERT_NEW, LOCK_KEYS } from "./statements-insert.ts";
import * as sql from "./statements.ts";

test("rehearsed() contains the statements, but no parts of statements", () => {
  const texts = rehearsed();
  for (const text of [INSERT, INSERT_NEW, sql.REPLACE, sql.REMOVE, sql.READ, LOCK_KEYS, CLAIM])
    assert.ok(texts.includes(text), text);
  assert.ok(!texts.includes(sql.COLUMNS));
  assert.ok(!texts.includes(sql.NOW));
});

test("rehearseAll() plans every statement and executes none", async () => {
  const address = await aMigratedAddress();
  const database = open(address);
  await database.query("insert into parallel_keys (shard, method, key) values (1, 'm', 'k')");
  await rehearseAll(database, systemRandom);
  assert.equal((await database.query("select * from parallel_keys")).length, 1);
  assert.equal(
    (await database.query("select * from pg_prepared_statements where name = 'rehearsal'")).length,
    0,
  );
});

test("a statement that the database can never execute is found when the store is opened", async () => {
  const address = await aMigratedAddress();
  const query = queryOf(open(address));
  await query("alter table operations rename column lease_time to lease_until");
  await assert.rejects(openStore(address), {
    code: "FAILED_PRECONDITION",
    message:
      /cannot execute a statement that the service needs \(column .*lease_time.*\)\. Use PostgreSQL 15 or newer/,
  });
});

test("a missing privilege is found when the store is opened", async () => {
  const address = await aMigratedAddress();
  const query = queryOf(open(address));
  // Roles belong to the server, which other tests share.
  const role = `reader_${process.pid}`;
  await query(`create role ${role} login`);
  await query(`grant select on all tables in schema public to ${role}`);
  await query(`grant insert on service to ${role}`);
  await assert.rejects(openStore(address.replace("//postgres@", `//${role}@`)), {
    code: "FAILED_PRECONDITION",
    message: /this user lacks a right \(permission denied for table \w+\)\. Grant it/,
  });
});
