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

test("a command's help is shown for --help after it, and for help before it", async () => {
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

test("after two dashes --help is an ordinary word", async () => {
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

test("a group of commands has a page, and a word that it does not know is refused with the nearest", async () => {
  for (const words of [
    ["webhooks", "--help"],
    ["help", "webhooks"],
  ]) {
    using world = aWorld();
    assert.equal(await world.run(...words), EXIT.succeeded);
    assert.match(world.out(), /Usage: longrunning webhooks COMMAND[\s\S]* {2}webhooks ping +Sends/);
    assert.doesNotMatch(world.out(), /keys create/);
  }
  for (const [words, message] of [
    [["webhooks"], /webhooks: expected webhooks list or .*\nSee them with: longrunning webhooks --help/],
    [["keys", "crate", "x"], /keys crate: there is no such command \(did you mean "keys create"\?\)/],
    [["methods", "chek", "x"], /methods chek: there is no such command \(did you mean "methods check"\?\)/],
  ] as const) {
    using world = aWorld();
    assert.equal(await world.run(...words), EXIT.usage);
    assert.match(world.err(), message);
  }
});

test("help about an unknown command is an error, and so is a flag before the command", async () => {
  for (const [words, message] of [
    [["help", "strat"], /strat: there is no such command \(did you mean "start"\?\)/],
    [["strat", "--help"], /strat: there is no such command \(did you mean "start"\?\)/],
    [["--verson"], /--verson: there is no such flag \(did you mean "--version"\?\)/],
    [["--server", "http://h:1", "list"], /--server: there is no such flag\nFlags stand behind a command/],
    [[""], /"": there is no such command/],
  ] as const) {
    using world = aWorld();
    assert.equal(await world.run(...words), EXIT.usage);
    assert.equal(world.out(), "");
    assert.match(world.err(), message);
  }
});

test("every violation of a command line is reported at once", async () => {
  using world = aWorld();
  assert.equal(await world.run("list", "surplus", "--limit", "0", "--sever", "x"), EXIT.usage);
  assert.match(world.err(), /--sever: there is no such flag \(did you mean "--server"\?\)/);
  assert.match(world.err(), /surplus: expected no word behind "list"; quote/);
  assert.match(world.err(), /limit: expected a whole number from 1/);
  assert.match(world.err(), /longrunning list --help/);
});

test("a bug is reported as one", async () => {
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

test("a violation that the message already contains is not repeated", async () => {
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
