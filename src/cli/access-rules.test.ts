import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EXIT } from "./exit.ts";
import { aWorld, type World } from "./world.suite.ts";

const source = (path: string): string => new URL(`../${path}`, import.meta.url).pathname;
const RULES = 'grants:\n  - { members: [all], role: viewer, parent: "*" }\n';
const FLAGS = [
  "--store",
  "sqlite::memory:",
  "--port",
  "0",
  "--log-format",
  "json",
  "--access",
  "access.yaml",
];

function archive(world: World): string {
  return world.file(
    "archive.ts",
    `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
     export const createArchive = defineMethod({ name: "createArchive", request, run: () => {} });`,
  );
}

describe("serve with access rules", () => {
  it("applies them, and new ones after SIGHUP, unless those are invalid", async () => {
    using world = aWorld();
    const file = world.file("access.yaml", RULES);
    const flags = FLAGS.map((each) => (each === "access.yaml" ? file : each));
    const ended = world.run("serve", archive(world), ...flags);
    await world.errContains('"message":"serving"');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(world.out())?.[0] ?? assert.fail("expected an address");
    const list = async (): Promise<number> => (await fetch(`${url}/v1/operations`)).status;
    assert.equal(await list(), 200);
    assert.equal((await fetch(`${url}/v1:createArchive`, { method: "POST", body: "{}" })).status, 401);
    world.file("access.yaml", "grants: 1");
    world.hangUp();
    await world.errContains("the access rules could not be read again");
    assert.match(world.err(), /access\.yaml:1:\d+: grants: expected a list, got 1/);
    assert.doesNotMatch(world.err(), /at .*\.ts:/, "an operator's mistake has no stack");
    assert.equal(await list(), 200);
    world.file("access.yaml", "grants: []");
    world.hangUp();
    await world.errContains("the access rules were read again");
    assert.equal(await list(), 401);
    world.interrupt();
    assert.equal(await ended, EXIT.succeeded);
  });

  it("shows examples with a place for the key", async () => {
    using world = aWorld();
    const rules = world.file("access.yaml", RULES);
    const flags = ["--store", "sqlite::memory:", "--port", "0", "--access", rules];
    const ended = world.run("serve", archive(world), ...flags);
    await world.outContains("Stop with Ctrl-C.");
    assert.match(world.out(), /-H 'x-goog-api-key: KEY' -d/);
    assert.match(world.out(), /longrunning start createArchive .* --api-key KEY$/m);
    world.interrupt();
    assert.equal(await ended, EXIT.succeeded);
  });

  it("does not start with invalid rules", async () => {
    using world = aWorld();
    const file = world.file("access.yaml", "grants:\n  - me\n");
    const flags = FLAGS.map((each) => (each === "access.yaml" ? file : each));
    assert.equal(await world.run("serve", archive(world), ...flags), EXIT.refused);
    assert.match(
      world.err(),
      /Cannot serve: .*access\.yaml:2:\d+: grants\[0\]: expected a mapping \(name: value\), got "me"/,
    );
  });
});
