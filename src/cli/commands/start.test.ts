import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

test("start prints the operation, and its exit code says that it was started", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(
    await world.run("start", "hold", "--parent", "projects/p", "--output", "json"),
    EXIT.succeeded,
  );
  const operation = JSON.parse(world.out()) as { name: string; done: boolean };
  assert.match(operation.name, /^projects\/p\/operations\//);
  assert.equal(operation.done, false);
  assert.equal(world.err(), "");
  assert.equal(await world.run("start", "hold"), EXIT.succeeded);
  const [, name = ""] = /(operations\/\S+) +(?:RUNNING|PENDING)/.exec(world.out()) ?? [];
  assert.equal(world.err(), `Wait for it with: longrunning wait ${name} --server ${bench.url}\n`);
});

test("start reads the request from a file or from standard input", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url }, stdin: '{"text": "from stdin"}' });
  world.file("request.json", '{"text": "from a file"}');
  assert.equal(await world.run("start", "echo", "--json", "@request.json", "--wait"), EXIT.succeeded);
  assert.equal(await world.run("start", "echo", "--json", "-", "--wait"), EXIT.succeeded);
  assert.match(world.out(), /from a file[\s\S]*from stdin/);
});

test("start --wait exits with the outcome", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("start", "fail", "--wait"), EXIT.failed);
  assert.match(
    world.out(),
    /FAILED\n[\s\S]*error +FAILED_PRECONDITION: The disk is full\.\n +reason +DISK_FULL/,
  );
});

test("start accepts a delay and a priority, and shows them", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("start", "hold", "--delay", "1h", "--priority", "7"), EXIT.succeeded);
  assert.match(world.out(), /PENDING\n[\s\S]* priority +7\n[\s\S]* not before +\d{4}-/);
  assert.equal(await world.run("start", "hold", "--delay", "366d", "--priority", "10"), EXIT.usage);
  assert.match(world.err(), /delay: [\s\S]*priority: /);
});

test("start with a request id starts once", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  await world.run("start", "hold", "--request-id", "r", "--output", "json");
  const first = JSON.parse(world.out()) as { name: string };
  await world.run("start", "hold", "--request-id", "r");
  assert.equal(world.out().split(first.name).length, 3);
});

test("start --validate-only starts nothing", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(
    await world.run("start", "echo", "--json", '{"text": "x"}', "--validate-only"),
    EXIT.succeeded,
  );
  assert.equal(await world.run("list"), EXIT.succeeded);
  assert.match(world.err(), /No operations/);
});

test("start refuses a timeout without --wait, and starts nothing", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("start", "hold", "--timeout", "1m"), EXIT.usage);
  assert.match(world.err(), /timeout: says how long --wait waits; give --wait too/);
  await world.run("list");
  assert.match(world.err(), /No operations/);
});

test("start prints what is wrong with a request, or that the method is unknown", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("start", "echo", "--json", '{"text": 5}'), EXIT.refused);
  assert.match(world.err(), /error: INVALID_ARGUMENT: .*text/);
  assert.equal(await world.run("start", "ecko"), EXIT.notFound);
  assert.match(
    world.err(),
    /"ecko" is not declared\.\nSee the methods of the server with: longrunning methods\n/,
  );
});
