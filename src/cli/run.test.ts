import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "./exit.ts";
import { aWorld } from "./world.suite.ts";

test("no words, --help and help show the commands", async () => {
  for (const words of [[], ["--help"], ["-h"], ["help"]]) {
    using world = aWorld();
    assert.equal(await world.run(...words), EXIT.succeeded);
    assert.match(world.out(), /Usage: longrunning COMMAND/);
  }
});

test("a command's help is shown behind it and behind help", async () => {
  for (const words of [
    ["wait", "--help"],
    ["help", "wait"],
    ["wait", "operations/x", "-h"],
  ]) {
    using world = aWorld();
    assert.equal(await world.run(...words), EXIT.succeeded);
    assert.match(world.out(), /Usage: longrunning wait NAME/);
  }
});

test("behind two dashes --help is a word", async () => {
  using world = aWorld();
  assert.equal(await world.run("get", "--", "--help"), EXIT.refused);
  assert.equal(world.out(), "");
  assert.match(world.err(), /Invalid name "--help"/);
});

test("--version shows the version", async () => {
  using world = aWorld();
  assert.equal(await world.run("--version"), EXIT.succeeded);
  assert.match(world.out(), /^\d+\.\d+\.\d+\S*\n$/);
});

test("an unknown command is refused with the nearest", async () => {
  using world = aWorld();
  assert.equal(await world.run("strat"), EXIT.usage);
  assert.match(
    world.err(),
    /strat: there is no such command \(did you mean "start"\?\)\nSee the commands with/,
  );
});

test("every violation of a command line is told at once", async () => {
  using world = aWorld();
  assert.equal(await world.run("list", "surplus", "--limit", "0", "--sever", "x"), EXIT.usage);
  assert.match(world.err(), /--sever: there is no such flag \(did you mean "--server"\?\)/);
  assert.match(world.err(), /surplus: nothing is expected here/);
  assert.match(world.err(), /limit: expected a whole number from 1/);
  assert.match(world.err(), /longrunning list --help/);
});

test("a bug is told as one", async () => {
  using world = aWorld({
    fetch: () => {
      throw new RangeError("unreachable code");
    },
  });
  const broken = { ...world.io, clock: { ...world.io.clock, after: () => assert.fail("broken clock") } };
  const { run } = await import("./run.ts");
  const { COMMANDS } = await import("./commands.ts");
  assert.equal(await run(broken, COMMANDS, ["list"]), EXIT.refused);
  assert.match(world.err(), /broken clock[\s\S]*This is a bug of longrunning/);
});

test("what a message says already is not told a second time as a violation", async () => {
  const description = 'Invalid filter at character 5: expected a value, found "=".';
  const details = [
    {
      "@type": "type.googleapis.com/google.rpc.BadRequest",
      fieldViolations: [
        { field: "filter", description },
        { field: "age", description: "required" },
      ],
    },
  ];
  const error = { code: 400, status: "INVALID_ARGUMENT", message: description, details };
  using world = aWorld({ fetch: async () => Response.json({ error }, { status: 400 }) });
  assert.equal(await world.run("list", "--server", "http://h:1"), EXIT.refused);
  assert.equal(world.err().split(description).length, 2);
  assert.match(world.err(), /error: age: required/);
});
