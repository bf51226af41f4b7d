import assert from "node:assert/strict";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aWorld } from "../world.suite.ts";

const RULES = `
groups: { "group:a": [user:eve] }
grants:
  - { members: [user:ada], role: viewer, parent: projects/a }
  - { members: [group:a], role: caller, parent: projects/b, methods: [copy] }
`;

test("access explain names the grant that gives a permission", async () => {
  using world = aWorld();
  world.file("access.yaml", RULES);
  const explain = (...words: string[]): Promise<number> =>
    world.run("access", "explain", "access.yaml", ...words);
  assert.equal(await explain("projects/a/operations/x", "--as", "user:ada"), EXIT.succeeded);
  assert.equal(
    world.out(),
    "user:ada has longrunning.operations.get on projects/a/operations/x\n  access.yaml:4: grants[0] gives the permission\n",
  );
  const start = ["--permission", "longrunning.operations.start"];
  assert.equal(await explain("projects/b", "--as", "user:eve", ...start, "--method", "copy"), EXIT.succeeded);
  const named = ["projects/b", "--as", "user:new", "--group", "group:a,group:b", ...start];
  assert.equal(await explain(...named, "--method", "copy"), EXIT.succeeded);
});

test("access explain says why no grant gives a permission", async () => {
  using world = aWorld();
  world.file("access.yaml", RULES);
  const ada = ["projects/b", "--as", "user:ada", "--permission", "longrunning.operations.start"];
  assert.equal(await world.run("access", "explain", "access.yaml", ...ada), EXIT.refused);
  assert.match(
    world.out(),
    /user:ada does not have .* on projects\/b\n {2}access\.yaml:4: grants\[0\] does not give it: its parent is projects\/a\n$/,
  );
  assert.equal(await world.run("access", "explain", "access.yaml"), EXIT.refused);
  assert.match(
    world.out(),
    /anonymous does not have .* on the root\n {2}no grant in access\.yaml is for anonymous\n$/,
  );
  assert.equal(await world.run("access", "explain", "access.yaml", ...ada, "--output", "json"), EXIT.refused);
  assert.match(
    world.out(),
    /"allowed": false,\n {2}"missed": \[\n {4}\{\n {6}"path": "grants\[0\]",\n {6}"line": 4,/,
  );
});

test("access explain refuses an unknown permission, and a file with mistakes", async () => {
  using world = aWorld();
  world.file("access.yaml", "grants: 1");
  const words = ["access", "explain", "access.yaml", "--permission"];
  assert.equal(await world.run(...words, "longrunning.operation.get"), EXIT.usage);
  assert.match(
    world.err(),
    /there is no "longrunning\.operation\.get" \(did you mean "longrunning\.operations\.get"\?\)/,
  );
  assert.equal(await world.run(...words, "longrunning.operations.get"), EXIT.failed);
  assert.match(world.err(), /access\.yaml:1:9: grants: expected a list, got 1/);
});

test("access explain refuses a caller and a resource that no grant can match", async () => {
  using world = aWorld();
  world.file("access.yaml", "grants: []");
  assert.equal(await world.run("access", "explain", "access.yaml", "--as", "ada"), EXIT.usage);
  assert.match(world.err(), /--as: expected user:…, serviceAccount:… or anonymous, got "ada"/);
  assert.equal(await world.run("access", "explain", "access.yaml", "projects//a"), EXIT.usage);
  assert.match(world.err(), /Invalid parent "projects\/\/a"/);
  for (const resource of ["projects/-", "projects/a/operations", "projects/a/operations/x", "operations/x"])
    assert.equal(await world.run("access", "explain", "access.yaml", resource), EXIT.refused, resource);
});
