import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { descriptorSetOf } from "../../test/support/descriptors.ts";
import { silence } from "../core/events.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { CommandError, EXIT } from "./exit.ts";
import { loadMethods } from "./modules.ts";
import { aWorld, source, type World } from "./world.suite.ts";

const method = (name: string, exported = name) =>
  `import { defineMethod } from ${JSON.stringify(source("core/method/method.ts"))};
   const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
   export const ${exported} = defineMethod({ name: "${name}", request, run: () => {} });`;

test("loadMethods() loads every exported method, once even if it is exported several times", async () => {
  using world = aWorld();
  world.file("a.mjs", `${method("one")}\nexport const alias = one;\nexport const other = 5;`);
  world.file("b.mjs", `${method("two")}\nexport * from "./a.mjs";`);
  const methods = await loadMethods({ modules: ["a.mjs", "b.mjs"] }, world.io, silence);
  assert.deepEqual(methods.map(({ name }) => name).toSorted(), ["one", "two"]);
});

const refused: [string, Record<string, string>, string[], RegExp][] = [
  ["a file that is not there", {}, ["a.ts"], /There is no file "a\.ts"/],
  ["a directory", {}, ["."], /"\." is a directory/],
  ["a device", {}, ["/dev/null"], /^"\/dev\/null" is not a file, but a FIFO, a device or a socket\.$/],
  [
    "a module without methods",
    { "b.mjs": "export const five = 5;" },
    ["b.mjs"],
    /"b\.mjs" exports no method\. It exports five\./,
  ],
  [
    "a module that throws",
    { "c.mjs": 'throw new Error("no luck");' },
    ["c.mjs"],
    /^"c\.mjs" cannot be loaded: Error: no luck\n +at [^\n]+c\.mjs:1:7$/,
  ],
  [
    "a file that is no module, without lines about Node itself",
    { "c.md": "# A page" },
    ["c.md"],
    /^"c\.md" cannot be loaded: [^\n]+ "\.md" for [^\n]+$/,
  ],
  [
    "a mistake in JavaScript, with its place",
    { "s.mjs": "export const a = 1;\nexport const b = ;\n" },
    ["s.mjs"],
    /^"s\.mjs" cannot be loaded: .*s\.mjs:2\nexport const b = ;\n +\^\n\nSyntaxError: Unexpected token ';'$/,
  ],
  [
    "a mistake in JavaScript that it imports",
    { "s.mjs": "export const b = ;\n", "t.mjs": 'import "./s.mjs";' },
    ["t.mjs"],
    /^"t\.mjs" cannot be loaded: SyntaxError: Unexpected token ';'$/,
  ],
  [
    "a mistake in a call of this package, with the caller's line only",
    { "n.mjs": method("bad name", "bad") },
    ["n.mjs"],
    /^"n\.mjs" cannot be loaded: TypeError: Method name: [^\n]+\n +at [^\n]+n\.mjs:3:\d+\)?$/,
  ],
  ["an import that is not there", { "d.mjs": 'import "./nowhere.mjs";' }, ["d.mjs"], /Cannot find module/],
  [
    "two methods of one name",
    { "e.mjs": method("same"), "f.mjs": method("same", "twin") },
    ["e.mjs", "f.mjs"],
    /"same" is declared twice: in "e\.mjs" and in "f\.mjs"/,
  ],
];

for (const [what, files, names, message] of refused) {
  test(`loadMethods() refuses ${what} and says what to do`, async () => {
    using world = aWorld();
    for (const [name, text] of Object.entries(files)) world.file(name, text);
    await assert.rejects(loadMethods({ modules: names }, world.io, silence), (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, message);
      assert.ok(error.next);
      return true;
    });
  });
}

const handlerOf = (rpc: string) =>
  `import { defineHandler } from ${JSON.stringify(source("proto.ts"))};
   export const handled = defineHandler("${rpc}", { answer: () => ({}) });`;

test("loadMethods() says how to make a file a module", async () => {
  using world = aWorld();
  world.file("package.json", '{"type": "commonjs"}');
  world.file("methods.ts", method("m"));
  await assert.rejects(loadMethods({ modules: ["methods.ts"] }, world.io, silence), (error) => {
    assert.ok(error instanceof CommandError);
    assert.match(error.next ?? "", /"type": "module" in the nearest package\.json/);
    return true;
  });
});

test("loadMethods() binds handlers to their descriptors", async () => {
  using world = aWorld();
  world.file("a.mjs", handlerOf("test.v1.Library.GetBook"));
  writeFileSync(join(world.directory, "api.binpb"), descriptorSetOf(LIBRARY));
  const [bound] = await loadMethods({ modules: ["a.mjs"], descriptors: "api.binpb" }, world.io, silence);
  assert.equal(bound?.name, "getBook");
});

const LIBRARY = `
  syntax = "proto3";
  package test.v1;
  service Library { rpc GetBook(Book) returns (Book); }
  message Book { string name = 1; }`;

const unbound: [what: string, rpc: string, descriptors: string, message: RegExp][] = [
  ["no descriptors", "test.v1.Library.GetBook", "", /which nothing describes/],
  [
    "descriptors that are not there",
    "test.v1.Library.GetBook",
    "none.binpb",
    /--descriptors none\.binpb: ENOENT/,
  ],
  [
    "what is no descriptor set",
    "test.v1.Library.GetBook",
    "a.mjs",
    /--descriptors a\.mjs: Not a descriptor set/,
  ],
  [
    "an RPC that is not described",
    "test.v1.Library.Burn",
    "api.binpb",
    /no RPC "test\.v1\.Library\.Burn"; they have/,
  ],
];

for (const [what, rpc, descriptors, message] of unbound) {
  test(`loadMethods() refuses a handler with ${what}`, async () => {
    using world = aWorld();
    world.file("a.mjs", handlerOf(rpc));
    writeFileSync(join(world.directory, "api.binpb"), descriptorSetOf(LIBRARY));
    await assert.rejects(loadMethods({ modules: ["a.mjs"], descriptors }, world.io, silence), (error) => {
      assert.ok(error instanceof CommandError);
      assert.match(error.message, message);
      assert.ok(error.next);
      return true;
    });
  });
}

/** A module that waits in its top-level await until `release()`, and then throws. */
function waiting(world: World): { readonly file: string; readonly begun: Promise<void>; release(): void } {
  const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  Object.assign(globalThis, { [world.directory]: { begun, released } });
  const parts = `globalThis[${JSON.stringify(world.directory)}]`;
  const text = `${parts}.begun.resolve();\nawait ${parts}.released.promise;\nthrow new Error("awake");`;
  return { file: world.file("w.mjs", text), begun: begun.promise, release: () => released.resolve() };
}

for (const [command, flags] of [
  ["serve", ["--store", "sqlite::memory:", "--port", "0"]],
  ["work", ["--server", "http://127.0.0.1:1"]],
] as const)
  test(`${command} names a module that is still loading after ten seconds, and waits until Ctrl-C`, async () => {
    const clock = new ManualClock();
    using world = aWorld({ clock });
    const module = waiting(world);
    const ended = world.run(command, module.file, ...flags, "--log-format", "json");
    await module.begun;
    await clock.advance(9_999);
    assert.equal(world.err(), "");
    await clock.advance(1);
    const { level, message } = JSON.parse(world.err()) as Readonly<Record<string, unknown>>;
    const expected = `still loading the module ${module.file}; perhaps its top-level await never ends`;
    assert.deepEqual([level, message], ["warn", expected]);
    world.interrupt();
    assert.deepEqual(world.exits, [EXIT.interrupted]);
    module.release();
    assert.equal(await ended, EXIT.usage);
    assert.match(world.err(), /cannot be loaded: Error: awake/);
    assert.equal(clock.pending, 0);
  });
