import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("cancel requests the cancellation, and with --wait prints the outcome", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "hold", "--output", "json");
  const { name } = JSON.parse(world.out()) as { name: string };
  assert.equal(await world.run("cancel", name), EXIT.succeeded);
  assert.match(world.err(), /See what becomes of it with: longrunning wait/);
  assert.equal(await world.run("cancel", name, "--wait"), EXIT.cancelled);
  assert.match(world.out(), /CANCELLED/);
});

test("cancel with a selection cancels the matching operations, and nothing in a dry run", async () => {
  await using bench = await aBench();
  const environment = { LONGRUNNING_SERVER: bench.url };
  using world = aWorld({ environment });
  const start = ["start", "echo", "--json", '{"text":"a"}', "--delay", "1h", "--parent"];
  for (const parent of ["projects/a", "projects/b"]) await world.run(...start, parent);
  const pendingIn = async (parent: string): Promise<number> => {
    const { operations } = await bench.server.operations.list({ parent, filter: "done = false" });
    return operations.length;
  };
  const selection = ["cancel", "--method", "echo", "--parent", "projects/a"];
  assert.equal(await world.run(...selection, "--dry-run"), EXIT.succeeded, world.err());
  assert.match(
    world.err(),
    /1 operations match\.\n {2}projects\/a\/operations\/\S+ PENDING\nNothing was cancelled/,
  );
  assert.equal(await pendingIn("projects/a"), 1);
  assert.equal(await world.run(...selection, "--wait"), EXIT.succeeded, world.err());
  assert.match(world.err(), /Cancelling continues as \S+\.\n/);
  assert.deepEqual([await pendingIn("projects/a"), await pendingIn("projects/b")], [0, 1]);
  assert.equal(await world.run(...selection), EXIT.succeeded);
  assert.match(world.err(), /There is nothing to cancel\.\n$/);
  assert.equal(await world.run("cancel"), EXIT.usage);
});

test("cancel NAME refuses the flags of selections, and cancels nothing", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "hold", "--output", "json");
  const { name } = JSON.parse(world.out()) as { name: string };
  for (const flags of [["--dry-run"], ["--parent", "projects/a"], ["--parent", "-"], ["--timeout", "1s"]])
    assert.equal(await world.run("cancel", name, ...flags), EXIT.usage, flags.join(" "));
  const before = world.out().length;
  await world.run("get", name, "--output", "json");
  const { metadata } = JSON.parse(world.out().slice(before)) as { metadata: Record<string, unknown> };
  assert.equal(metadata["requestedCancellation"], false);
});
