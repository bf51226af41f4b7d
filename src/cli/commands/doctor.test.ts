import assert from "node:assert/strict";
import { test } from "node:test";
import { openStore } from "../../store/open.ts";
import { startTestServer } from "../../testing/test-server.ts";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("doctor shows settings and checks, and passes if all is well", async () => {
  await using bench = await aBench();
  using world = aWorld();
  const store = `sqlite:${world.directory}/operations.db`;
  await (await openStore(store)).close();
  using fresh = aWorld();
  assert.equal(await fresh.run("doctor", "--store", store, "--server", bench.url), EXIT.succeeded);
  for (const name of ["node", "store", "migrations", "lock", "durability", "writable", "disk", "server"]) {
    assert.match(fresh.out(), new RegExp(`^(ok|warn) +${name}: `, "m"));
  }
  assert.match(fresh.out(), /lease +30s/);
});

test("doctor passes for a server that answers only callers that its rules allow", async () => {
  using world = aWorld();
  const rules = world.file(
    "access.yaml",
    "grants: [{ members: [user:ada], role: viewer, parent: projects/a }]",
  );
  await using server = await startTestServer([], { access: { rules } });
  const store = ["--store", `sqlite:${world.directory}/operations.db`];
  assert.equal(
    await world.run("doctor", ...store, "--access", rules, "--server", server.url),
    EXIT.succeeded,
  );
  assert.match(world.out(), /^ok +access: .*access\.yaml has 1 grant and no mistakes$/m);
  assert.match(world.out(), /^ok +server: .* answers callers that its access rules allow$/m);
  assert.match(
    world.out(),
    /^ok +attention: not requested: with access rules it needs the credential of an operator$/m,
  );
});

test("doctor makes the other checks if the address of the server is wrong", async () => {
  using world = aWorld();
  const store = `sqlite:${world.directory}/operations.db`;
  assert.equal(
    await world.run("doctor", "--store", store, "--server", "http://u:hidden@127.0.0.1:1"),
    EXIT.failed,
  );
  assert.match(world.out(), /^fail +server: Server: expected an address without credentials/m);
  assert.match(world.out(), /^ok +disk: /m);
  assert.doesNotMatch(world.out(), /hidden/);
});

for (const flags of [["--json"], ["--output", "json"]])
  test(`doctor ${flags.join(" ")} prints one object`, async () => {
    using world = aWorld();
    const store = `sqlite:${world.directory}/operations.db`;
    assert.equal(
      await world.run("doctor", ...flags, "--store", store, "--server", "http://127.0.0.1:1"),
      EXIT.succeeded,
    );
    const report = JSON.parse(world.out()) as {
      settings: Record<string, string>;
      checks: { name: string; status: string }[];
    };
    assert.equal(report.settings["store"], store);
    assert.equal(report.checks.find((check) => check.name === "server")?.status, "warn");
  });

test("doctor fails if serve would", async () => {
  using world = aWorld();
  const file = world.file(
    "operations.db",
    "this is no database, and long enough to be read as one ".repeat(20),
  );
  assert.equal(
    await world.run("doctor", "--store", `sqlite:${file}`, "--server", "http://127.0.0.1:1"),
    EXIT.failed,
  );
  assert.match(world.out(), /^fail +store: .*\n +Restore a backup/m);
});

test("doctor prints what needs attention on a running server, and passes if it may not ask", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  for (let count = 0; count < 12; count++) await world.run("start", "fail", "--wait");
  await world.run("doctor", "--store", "sqlite::memory:");
  assert.match(world.out(), /attention: (nothing needs attention|fail failed 100 % of the time)/);
  await using off = await startTestServer([], { admin: "off" });
  using other = aWorld({ environment: { LONGRUNNING_SERVER: off.url } });
  await other.run("doctor", "--store", "sqlite::memory:");
  assert.match(other.out(), /ok {4}attention: not asked: \S+ has no operators' service\./);
});
