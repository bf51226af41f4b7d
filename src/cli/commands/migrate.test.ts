import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aWorld } from "../world.suite.ts";

test("migrate --dry-run changes nothing, migrate applies, and then all is applied", async () => {
  using world = aWorld();
  const store = `sqlite:${world.directory}/operations.db`;
  assert.equal(await world.run("migrate", "--store", store, "--dry-run"), EXIT.succeeded);
  assert.match(world.out(), /0001-operations +pending/);
  assert.match(world.err(), /pending; apply with: longrunning migrate/);
  assert.equal(await world.run("migrate", "--store", store), EXIT.succeeded);
  assert.match(world.err(), /applying a migration.*0001-operations[^]*applying a migration[^]*Applied \d+/);
  assert.equal(await world.run("migrate", "--store", store, "--output", "json"), EXIT.succeeded);
  assert.match(world.err(), /The schema is up to date/);
  assert.match(world.out(), /"applyTime": "\d{4}-/);
});

test("migrate says why a store cannot be used, and what to do", async () => {
  using world = aWorld();
  const file = world.file(
    "operations.db",
    "this is no database, and long enough to be read as one ".repeat(20),
  );
  assert.equal(await world.run("migrate", "--store", `sqlite:${file}`), EXIT.refused);
  assert.match(world.err(), /operations\.db": the file is not a SQLite database.*Restore a backup/);
  assert.match(world.err(), /longrunning doctor/);
});

test("migrate refuses an invalid address with a sentence, without its password", async () => {
  using world = aWorld();
  for (const store of ["postgres://host?password=secret", "postgres://u:secret@h/d?sslmode=on"]) {
    assert.equal(await world.run("migrate", "--store", store), EXIT.refused);
  }
  assert.notEqual(await world.run("migrate", "postgres://u:secret@h/d"), EXIT.succeeded);
  assert.match(world.err(), /expected sslmode to be one of[\s\S]*expected no word behind "migrate"/);
  assert.doesNotMatch(world.err(), /secret|TypeError/);
});
