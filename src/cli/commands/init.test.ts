import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EXIT } from "../exit.ts";
import { aWorld } from "../world.suite.ts";

test("init creates a project in a new folder, and prints the next steps", async () => {
  using world = aWorld();
  assert.equal(await world.run("init", "archive"), EXIT.succeeded);
  assert.match(
    world.out(),
    /^Made package\.json, count-words\.ts, .*\n\nNext:\n {2}cd archive\n {2}npm install\n/,
  );
  const manifest = readFileSync(join(world.directory, "archive", "package.json"), "utf8");
  assert.equal((JSON.parse(manifest) as { readonly name: string }).name, "archive");
});

test("init quotes a folder for the shell where that is needed", async () => {
  using world = aWorld();
  assert.equal(await world.run("init", "Ada's work"), EXIT.succeeded);
  assert.ok(world.out().includes(String.raw`  cd 'Ada'\''s work'`), world.out());
  assert.equal(await world.run("init", "Übung/größer_1.0"), EXIT.succeeded);
  assert.match(world.out(), /  cd Übung\/größer_1\.0\n/);
});

test("init accepts the current directory, even with a .git in it", async () => {
  using world = aWorld();
  mkdirSync(join(world.directory, ".git"));
  assert.equal(await world.run("init", "--javascript"), EXIT.succeeded);
  assert.match(world.out(), /count-words\.js.*\n\nNext:\n {2}npm install\n/);
});

test("init refuses a folder that is not empty, a file, and a path that cannot be created", async () => {
  using world = aWorld();
  mkdirSync(join(world.directory, "full"));
  world.file("full/mine.txt", "mine");
  assert.equal(await world.run("init", "full"), EXIT.usage);
  assert.match(world.err(), /"full" is not empty: it has mine\.txt\. Nothing was written\./);
  assert.equal(await world.run("init", "full/mine.txt"), EXIT.usage);
  assert.match(world.err(), /"full\/mine\.txt" is no folder/);
  assert.equal(readFileSync(join(world.directory, "full/mine.txt"), "utf8"), "mine");
  assert.equal(await world.run("init", "full/mine.txt/below"), EXIT.usage);
});
