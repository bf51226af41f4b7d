import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../../testing/manual-clock.ts";
import { EXIT } from "../exit.ts";
import { aBench, type Bench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

async function startedHold(bench: Bench): Promise<string> {
  using world = aWorld();
  await world.run("start", "hold", "--server", bench.url, "--output", "json");
  return (JSON.parse(world.out()) as { name: string }).name;
}

test("wait shows progress on standard error and the outcome on standard output", async () => {
  await using bench = await aBench();
  const name = await startedHold(bench);
  using world = aWorld();
  const waiting = world.run("wait", name, "--server", bench.url);
  await world.errContains("RUNNING 40% packing");
  bench.release();
  assert.equal(await waiting, EXIT.succeeded);
  assert.match(world.out(), new RegExp(`^${name} {2}SUCCEEDED\n`));
});

test("wait draws a bar on a terminal and leaves a clean line", async () => {
  await using bench = await aBench();
  const name = await startedHold(bench);
  using world = aWorld({ terminal: true, environment: { NO_COLOR: "1" } });
  const waiting = world.run("wait", name, "--server", bench.url);
  await world.errContains("RUNNING [#########---------------] 40% packing".slice(0, 30));
  bench.release();
  assert.equal(await waiting, EXIT.succeeded);
  assert.ok(world.err().endsWith("\r\u001b[K"));
});

test("wait exits with 5 at the timeout, and says how to resume", async () => {
  await using bench = await aBench();
  const name = await startedHold(bench);
  const clock = new ManualClock();
  using world = aWorld({ clock });
  const waiting = world.run("wait", name, "--server", bench.url, "--timeout", "5s");
  await world.errContains("RUNNING");
  await clock.advance(5_000);
  assert.equal(await waiting, EXIT.stillRunning);
  assert.ok(world.err().includes(`longrunning wait ${name} --server ${bench.url}\n`));
});

test("wait ends before its timeout if the operation does", async () => {
  await using bench = await aBench();
  const name = await startedHold(bench);
  const clock = new ManualClock();
  using world = aWorld({ clock });
  const waiting = world.run("wait", name, "--server", bench.url, "--timeout", "5s");
  await world.errContains("RUNNING");
  bench.release();
  assert.equal(await waiting, EXIT.succeeded);
  assert.equal(clock.pending, 0);
});

test("Ctrl-C ends the waiting and not the operation", async () => {
  await using bench = await aBench();
  const name = await startedHold(bench);
  using world = aWorld();
  const waiting = world.run("wait", name, "--server", bench.url);
  await world.errContains("RUNNING");
  world.interrupt();
  assert.equal(await waiting, EXIT.interrupted);
  assert.match(world.err(), /Stopped waiting; .* goes on\./);
  assert.equal((await bench.server.operations.get(name)).done, false);
});

test("wait exits with 4 if there is no such operation", async () => {
  await using bench = await aBench();
  using world = aWorld();
  assert.equal(await world.run("wait", "operations/nope", "--server", bench.url), EXIT.notFound);
});
