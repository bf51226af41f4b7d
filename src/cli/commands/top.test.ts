import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aBench } from "../methods.suite.ts";
import { aWorld } from "../world.suite.ts";

/** Line wrapping and the cursor are on again, and the previous screen is back. */
const LEFT = "\u001b[?7h\u001b[?25h\u001b[?1049l";

/** Fails some operations, and leaves one running. */
async function busy(environment: Record<string, string>): Promise<void> {
  using world = aWorld({ environment });
  for (let count = 0; count < 12; count++) await world.run("start", "fail", "--wait");
  await world.run("start", "hold");
}

test("top --once shows what needs attention, running operations and failures", async () => {
  await using bench = await aBench();
  const environment = { LONGRUNNING_SERVER: bench.url };
  await busy(environment);
  using world = aWorld({ environment });
  assert.equal(await world.run("top", "--once"), EXIT.succeeded, world.err());
  assert.match(world.out(), /◐ Running +1 +of \d+ slots, \d workers?\n/);
  assert.match(world.out(), /\n {2}METHOD +WAITING +BLOCKED.*\n/);
  assert.match(world.out(), /\n {2}hold +0 +0 +– +1/);
});

test("top --output json prints the server's answer", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url } });
  assert.equal(await world.run("top", "--range", "15m", "--output", "json"), EXIT.succeeded);
  const summary = JSON.parse(world.out()) as { readonly series: readonly unknown[] };
  assert.equal(summary.series.length, 15);
});

test("top runs on a terminal: keys choose a method, pause it and exit", async () => {
  await using bench = await aBench();
  const environment = { LONGRUNNING_SERVER: bench.url, NO_COLOR: "1" };
  using world = aWorld({ environment, terminal: true });
  const running = world.run("top");
  await world.outContains("\u001b[?1049h\u001b[?25l\u001b[?7l");
  await world.outContains("> ");
  const [, first = ""] = /\n?> (\S+)/.exec(world.out()) ?? [];
  world.press("p");
  await world.outContains(`Pause ${first} in every process? y/n`);
  world.press("y");
  await world.outContains(`> ${first} (paused)`);
  world.press("p");
  await world.outContains(`Resume ${first}? y/n`);
  const before = world.out().length;
  world.press("n");
  assert.match(world.out().slice(before), /q end/, "anything else is no");
  world.press("\r");
  await world.outContains("Retries");
  world.press("q");
  assert.equal(await running, EXIT.succeeded);
  assert.ok(world.out().endsWith(LEFT), "the screen is as it was");
  using later = aWorld({ environment });
  await later.run("top", "--once");
  assert.ok(later.out().includes(`${first} (paused)`), "nothing was resumed");
});

test("top ends at Ctrl-C, as a signal and as a key", async () => {
  await using bench = await aBench();
  for (const end of ["signal", "key"]) {
    using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url }, terminal: true });
    const running = world.run("top");
    await world.outContains("q end");
    if (end === "key") world.press("\u0003");
    else world.interrupt();
    assert.equal(await running, EXIT.interrupted);
    assert.ok(world.out().endsWith(LEFT), "the screen is as it was");
  }
});

test("top restores the terminal if it cannot draw", async () => {
  await using bench = await aBench();
  using world = aWorld({ environment: { LONGRUNNING_SERVER: bench.url }, terminal: true });
  const { stdout } = world.io;
  const write: typeof stdout.write = stdout.write.bind(stdout);
  const running = world.run("top");
  await world.outContains("q end");
  stdout.write = (text, written) => {
    stdout.write = write;
    assert.fail(`no ${text.length} characters${written === undefined ? "" : "!"}`);
  };
  world.press("j");
  assert.equal(await running, EXIT.refused);
  assert.ok(world.out().endsWith(LEFT));
  assert.match(world.err(), /This is a bug of longrunning/);
});
