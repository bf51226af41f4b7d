import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aWorld } from "../world.suite.ts";

const GRANT = "grants:\n  - members: [user:ada]\n    role: viewer\n    parent: projects/a\n";

test("access check says that there are no mistakes", async () => {
  using world = aWorld();
  world.file("access.yaml", GRANT);
  assert.equal(await world.run("access", "check", "access.yaml"), EXIT.succeeded);
  assert.equal(world.out(), "access.yaml: 1 grant and 0 groups, and no mistakes\n");
  assert.equal(await world.run("access", "check", "access.yaml", "--output", "json"), EXIT.succeeded);
  assert.match(
    world.out(),
    /\{\n {2}"grants": 1,\n {2}"groups": 0,\n {2}"mistakes": \[\],\n {2}"hints": \[\]\n\}/,
  );
});

test("access check prints every mistake with its line and column, and fails", async () => {
  using world = aWorld();
  world.file("access.yaml", GRANT.replace("viewer", "emperor").replace("user:ada", "ada"));
  assert.equal(await world.run("access", "check", "access.yaml"), EXIT.failed);
  assert.match(
    world.out(),
    /^access\.yaml:2:15: grants\[0\]\.members\[0\]: .*\naccess\.yaml:3:11: grants\[0\]\.role: .*\n$/,
  );
  assert.equal(await world.run("access", "check", "access.yaml", "--output", "json"), EXIT.failed);
  assert.match(world.out(), /"line": 3,\n {6}"column": 11,\n {6}"path": "grants\[0\]\.role",/);
});

test("access check adds hints about parts without effect, and succeeds", async () => {
  using world = aWorld();
  world.file("access.yaml", `${GRANT}quotas: [{ of: tenant, unfinished: 5 }]\n`);
  assert.equal(await world.run("access", "check", "access.yaml"), EXIT.succeeded);
  assert.match(world.out(), /no mistakes\naccess\.yaml: there are quotas of tenants, and no tenants/);
});

test("access check says that a file cannot be read", async () => {
  using world = aWorld();
  assert.equal(await world.run("access", "check", "none.yaml"), EXIT.usage);
  assert.match(world.err(), /"none\.yaml" cannot be read: ENOENT/);
});

test("access alone lists its subcommands", async () => {
  using world = aWorld();
  assert.equal(await world.run("access"), EXIT.usage);
  assert.match(world.err(), /access: expected access check/);
  assert.equal(await world.run("help", "access", "check"), EXIT.succeeded);
  assert.match(world.out(), /Usage: longrunning access check FILE/);
});

const skip = process.platform === "win32" ? "Windows has no FIFO" : false;

test("access check reads rules that another program writes to a FIFO", { skip }, async () => {
  using world = aWorld();
  const rules = world.file("access.yaml", GRANT);
  const fifo = join(world.directory, "fifo");
  execFileSync("mkfifo", [fifo]);
  const writer = spawn("sh", ["-c", 'cat "$0" > "$1"', rules, fifo], { stdio: "ignore" });
  const exited = once(writer, "exit");
  assert.equal(await world.run("access", "check", "fifo"), EXIT.succeeded);
  assert.equal(world.out(), "fifo: 1 grant and 0 groups, and no mistakes\n");
  await exited;
});
