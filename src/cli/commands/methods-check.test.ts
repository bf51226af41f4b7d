import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aWorld } from "../world.suite.ts";

const METHODS =
  "methods:\n  - name: resizeDisk\n    description: Makes a disk larger.\n    request: { type: object }\n    run: remote\n";

test("methods check shows the methods of a file", async () => {
  using world = aWorld();
  world.file("methods.yaml", METHODS);
  assert.equal(await world.run("methods", "check", "methods.yaml"), EXIT.succeeded);
  assert.match(
    world.out(),
    /^methods\.yaml: 1 method, and no mistakes\n {2}resizeDisk {2}workers run it {2}Makes a disk larger\.\n$/,
  );
});

test("methods check prints the methods with their schemas for scripts", async () => {
  using world = aWorld();
  world.file("methods.yaml", METHODS);
  assert.equal(await world.run("methods", "check", "methods.yaml", "--output", "json"), EXIT.succeeded);
  assert.deepEqual(JSON.parse(world.out()), {
    methods: [
      { name: "resizeDisk", description: "Makes a disk larger.", run: "remote", request: { type: "object" } },
    ],
    mistakes: [],
  });
});

test("methods check prints every mistake with its line and column, and fails", async () => {
  using world = aWorld();
  world.file("methods.yaml", METHODS.replace("object", "objekt").replace("remote", "remot"));
  assert.equal(await world.run("methods", "check", "methods.yaml"), EXIT.failed);
  assert.match(
    world.out(),
    /^methods\.yaml:4:22: methods\[0\]\.request\.type: .*"object"\?\)\nmethods\.yaml:5:10: methods\[0\]\.run: expected remote, or a mapping such as .*, got "remot"\n$/,
  );
});

test("methods check prints the mistakes for scripts", async () => {
  using world = aWorld();
  world.file("methods.yaml", METHODS.replace("remote", "remot"));
  assert.equal(await world.run("methods", "check", "methods.yaml", "--output", "json"), EXIT.failed);
  const { mistakes } = JSON.parse(world.out()) as { readonly mistakes: readonly unknown[] };
  assert.deepEqual(mistakes, [
    {
      file: "methods.yaml",
      line: 5,
      column: 10,
      path: "methods[0].run",
      message: 'expected remote, or a mapping such as url: "https://…", got "remot"',
    },
  ]);
});

test("methods check says that a file cannot be read", async () => {
  using world = aWorld();
  assert.equal(await world.run("methods", "check", "none.yaml"), EXIT.usage);
  assert.match(world.err(), /The methods "none\.yaml" cannot be read: ENOENT/);
});
