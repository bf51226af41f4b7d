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

test("cancel of an operation that has ended says how it ended", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  for (const [start, end, exit] of [
    [["echo", "--json", '{"text":"a"}'], "SUCCEEDED\\.", EXIT.succeeded],
    [["fail"], "FAILED, FAILED_PRECONDITION: The disk is full\\.", EXIT.failed],
  ] as const) {
    const before = world.out().length;
    await world.run("start", ...start, "--wait", "--output", "json");
    const { name } = JSON.parse(world.out().slice(before)) as { name: string };
    assert.equal(await world.run("cancel", name), EXIT.succeeded);
    const pattern = `\n${name} had already ended: ${end}\nSee it with: longrunning get ${name} `;
    assert.match(`\n${world.err()}`, new RegExp(pattern));
    const printed = world.out().length;
    assert.equal(await world.run("cancel", name, "--wait", "--output", "json"), exit);
    assert.equal((JSON.parse(world.out().slice(printed)) as { name: string }).name, name);
  }
  assert.doesNotMatch(world.err(), /Asked/);
});

test("cancel says if cancellation was already requested, and needs no permission to read", async () => {
  const name = "operations/x";
  const metadata = { requestedCancellation: true };
  const refusal = { error: { code: 403, status: "PERMISSION_DENIED", message: "No." } };
  for (const [read, message] of [
    [
      Response.json({ name, done: false, metadata }),
      /^operations\/x had already been asked to stop\.\nSee what/,
    ],
    [Response.json(refusal, { status: 403 }), /^Asked operations\/x to stop\.\nSee what/],
  ] as const) {
    const sent: string[] = [];
    using world = aWorld({
      fetch: async (url, init) => {
        const { pathname } = new URL(new Request(url).url);
        sent.push(`${init?.method} ${pathname}`);
        return pathname.endsWith(":cancel") ? Response.json({}) : read;
      },
    });
    assert.equal(await world.run("cancel", name), EXIT.succeeded, world.err());
    assert.match(world.err(), message);
    assert.deepEqual(sent, [`GET /v1/${name}`, `POST /v1/${name}:cancel`]);
  }
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
