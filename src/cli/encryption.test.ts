import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { chdir, cwd } from "node:process";
import { test } from "node:test";
import { z } from "zod";
import { openOperations } from "../assembly/open.ts";
import type { OpenedOperations } from "../assembly/opened-operations.ts";
import { parseFlags } from "../config/flags.ts";
import { defineMethod } from "../core/method/method.ts";
import { openStore } from "../store/open.ts";
import { flagTable } from "./command.ts";
import { serve } from "./commands/serve.ts";
import { dayText, tenantText } from "./encryption.ts";
import { EXIT } from "./exit.ts";
import { aWorld, type World } from "./world.suite.ts";

const work = defineMethod({
  name: "work",
  request: z.object({ word: z.string() }),
  response: z.object({ word: z.string() }),
  run: ({ word }) => ({ word }),
});

/** A store in which two tenants have one operation each, encrypted with the first of two keys. */
async function aStore(world: World) {
  const [old, fresh] = [1, 2].map((number) => world.file(`kek-${number}`, `${number}`.repeat(64)));
  const store = `sqlite:${world.directory}/operations.db`;
  const open = (...keks: readonly (string | undefined)[]) =>
    openOperations({ methods: [work], store, encryption: { keks: keks.map((each) => `file:${each}`) } });
  const operations = await open(old);
  const names: string[] = [];
  for (const parent of ["projects/p", "projects/q"]) {
    const { name } = await operations.start(work, { word: parent }, { parent });
    names.push((await operations.wait(name)).name);
  }
  await operations.stop();
  return { store, names, open, fresh };
}

interface Status {
  readonly keks: readonly { readonly id: string; readonly keys: number; readonly source?: string | null }[];
  readonly keys: number;
  readonly tenants: number;
  readonly shredded: number;
}

async function jsonOf<Value>(world: World, ...words: readonly string[]): Promise<Value> {
  const before = world.out().length;
  assert.equal(await world.run(...words, "--output", "json"), EXIT.succeeded, world.err());
  return JSON.parse(world.out().slice(before)) as Value;
}

test("a KEK is replaced: status, rewrap, and the old one is no longer needed", async () => {
  using world = aWorld();
  const { store, names, open, fresh } = await aStore(world);
  const status = (...words: readonly string[]) =>
    jsonOf<Status>(world, "encryption", "status", "--store", store, ...words);
  const before = await status();
  assert.deepEqual([before.keys, before.tenants, before.keks.map(({ keys }) => keys)], [2, 2, [2]]);
  const both = ["--store", store, "--kek", "file:kek-2,file:kek-1"];
  assert.equal(await world.run("encryption", "rewrap", "--store", store, "--kek", "file:kek-2"), EXIT.failed);
  assert.match(
    world.err(),
    /2 keys are still wrapped by the KEK [\da-f]{16}, which this command does not have/,
  );
  assert.equal(await world.run("doctor", ...both), EXIT.succeeded);
  assert.match(
    world.out(),
    /warn {2}encryption: payloads are encrypted: 2 keys, .*\n +Older KEKs wrap 2 of them/,
  );
  assert.equal(await world.run("encryption", "rewrap", ...both), EXIT.succeeded);
  assert.match(world.out(), /Wrapped 2 keys by the KEK [\da-f]{16} \(file:.*kek-2\)/);
  const now = await status("--kek", "file:kek-2");
  assert.deepEqual(
    now.keks.map(({ keys, source }) => [keys, source?.endsWith("kek-2")]),
    [[2, true]],
  );
  const operations = await open(fresh);
  for (const [index, parent] of ["projects/p", "projects/q"].entries())
    assert.deepEqual((await operations.get(names[index] ?? "", work)).response, { word: parent });
  await operations.stop();
});

test("a tenant is shredded after confirmation, and the other keeps its data", async () => {
  using world = aWorld();
  const { store, names, open, fresh: _ } = await aStore(world);
  const shred = (...words: readonly string[]) =>
    world.run("encryption", "shred", "projects/p", "--store", store, ...words);
  assert.equal(await shred(), EXIT.succeeded);
  assert.match(world.out(), /1 key of projects\/p; nothing was destroyed\. Destroy them with --yes/);
  assert.equal(await shred("--yes"), EXIT.succeeded);
  assert.match(world.out(), /Destroyed 1 key of projects\/p/);
  const operations = await open(`${world.directory}/kek-1`);
  const [mine = "", other = ""] = names;
  const lost = await operations.get(mine, work);
  assert.deepEqual([lost.done, lost.error?.code], [true, "DATA_LOSS"]);
  assert.deepEqual((await operations.get(other, work)).response, { word: "projects/q" });
  assert.equal((await operations.list({ parent: "projects/p" })).operations.length, 1);
  await operations.stop();
  assert.equal(await world.run("encryption", "status", "--store", store), EXIT.succeeded);
  assert.match(
    world.out(),
    /1 key of 1 tenant, the oldest of \d{4}-\d\d-\d\d; 1 shredded\nKEK [\da-f]{16}: wraps 1/,
  );
});

test("a command that cannot work says why and what to do", async () => {
  using world = aWorld();
  const { store } = await aStore(world);
  const served = await openStore(store);
  const rewrap = ["encryption", "rewrap", "--store", store, "--kek"];
  assert.equal(await world.run(...rewrap, "file:kek-1"), EXIT.refused);
  assert.match(world.err(), /On SQLite, stop the server/);
  assert.equal(
    await world.run("encryption", "status", "--store", store),
    EXIT.succeeded,
    "it may be looked at",
  );
  await served.close();
  assert.equal(await world.run("encryption", "status", "--store", "sqlite:none.db"), EXIT.refused);
  assert.match(world.err(), /There is no ".*none\.db"\.\nName the store with --store\.\n$/);
  assert.equal(
    await world.run("encryption", "shred", "projects/p", "--yes", "--store", "sqlite:none.db"),
    EXIT.refused,
  );
  assert.equal(
    await world.run("encryption", "rewrap", "--kek", "file:kek-1", "--store", "sqlite:none.db"),
    EXIT.refused,
  );
  assert.equal(world.err().match(/There is no ".*none\.db"/g)?.length, 3);
  assert.equal(await world.run(...rewrap, "file:none"), EXIT.refused);
  assert.match(world.err(), /none cannot be read: ENOENT: .*\. Give the path of a file/);
  assert.equal(await world.run(...rewrap, "kek-1"), EXIT.usage);
  assert.equal(await world.run("doctor", "--store", store), EXIT.failed);
  assert.match(
    world.out(),
    /fail {2}encryption: the store has payloads or credentials that are encrypted with KEKs that are not/,
  );
  assert.equal(await world.run("doctor", "--store", store, "--kek", "file:none"), EXIT.failed);
  assert.match(world.out(), /fail {2}encryption: The key from file:\S+none cannot be read/);
});

test("the snippets of docs/encryption.md run, one after the other", async () => {
  using world = aWorld({ environment: { LONGRUNNING_STORE: "sqlite:operations.db" } });
  const page = readFileSync(new URL("../../docs/encryption.md", import.meta.url), "utf8");
  const before = cwd();
  chdir(world.directory);
  try {
    for (const [, language = "", code = ""] of page.matchAll(/^```(sh|ts)\n(.*?)^```/gms))
      if (language === "ts") await runProgram(world, code);
      else for (const line of code.trim().split("\n")) await runLine(world, line);
  } finally {
    chdir(before);
  }
  assert.match(world.out(), /^Wrapped 1 key by the KEK .*\n1 key of 1 tenant, /m);
  assert.match(world.out(), /^ok {4}encryption: payloads are encrypted: 1 key, tenants: 1, /m);
  assert.match(world.out(), /^Destroyed 0 keys of projects\/p$/m);
});

/** A program that starts an encrypted operation. */
async function runProgram(world: World, code: string): Promise<void> {
  Object.assign(globalThis, { openOperations, createArchive: work });
  const file = world.file("program.ts", `export ${code}`);
  const { operations } = (await import(file)) as { readonly operations: OpenedOperations };
  await operations.wait((await operations.start(work, { word: "a" })).name);
  await operations.stop();
}

/** Other tests start servers; for them, this only checks that the flags exist. */
async function runLine(world: World, line: string): Promise<void> {
  const [program, ...words] = line.split(" ");
  if (program !== "longrunning") execFileSync("sh", ["-c", line]);
  else if (words[0] === "serve")
    assert.deepEqual(parseFlags(words.slice(1), flagTable(serve)).violations, []);
  else assert.equal(await world.run(...words), EXIT.succeeded, line);
}

test("tenants and days are printed in plain words", () => {
  assert.deepEqual([tenantText("projects/p"), tenantText("")], ["projects/p", "operations without a parent"]);
  assert.equal(dayText(20_786), "2026-11-29");
});
