import assert from "node:assert/strict";
import { test } from "node:test";
import { SettingsError } from "../config/parse.ts";
import { defineCommand, flagTable } from "./command.ts";
import { aWorld } from "./world.suite.ts";

const seen: unknown[] = [];
const command = defineCommand({
  name: "try",
  summary: "Tries.",
  description: [],
  words: { usage: "NAME", min: 1, max: 1 },
  options: { limit: { type: "integer", default: 5, min: 1, max: 9, help: "Limits." } },
  settings: ["port", "config"],
  examples: [],
  exits: ["succeeded"],
  run: async (_io, { words, options, settings }) => {
    const limit: number = options.limit;
    const port: number = settings.port;
    seen.push({ words, limit, port });
    return "succeeded";
  },
});

test("a command gets its words, its flags and its settings", async () => {
  using world = aWorld({ environment: { LONGRUNNING_CONFIG: "longrunning.json" } });
  world.file("longrunning.json", '{"port": 9000}');
  await command.run(world.io, ["name", "--limit", "7"]);
  await command.run(world.io, ["name", "--port", "1", "--config", ""]);
  assert.deepEqual(seen, [
    { words: ["name"], limit: 7, port: 9000 },
    { words: ["name"], limit: 5, port: 1 },
  ]);
});

test("a command does not run if anything is wrong", async () => {
  using world = aWorld();
  await assert.rejects(command.run(world.io, ["--limit", "10", "--port", "-1"]), (error) => {
    assert.ok(error instanceof SettingsError);
    assert.deepEqual(error.violations, [
      'expected NAME behind "try"',
      "--limit: expected a whole number from 1 to 9, got 10",
      "--port: expected a whole number from 0 to 65535, got -1",
    ]);
    return true;
  });
  await assert.rejects(
    command.run(world.io, ["x", "y"]),
    /^SettingsError: y: expected only NAME behind "try"; quote values that have spaces$/,
  );
  await assert.rejects(
    command.run(world.io, ["x", "--config", "none.json"]),
    /config: cannot read "none\.json"/,
  );
  if (process.platform !== "win32")
    await assert.rejects(
      command.run(world.io, ["x", "--config", "/dev/zero"]),
      /config: cannot read "\/dev\/zero": it has more than 4194304 bytes/,
    );
});

test("flagTable() has the command's flags and the settings", () => {
  assert.deepEqual(Object.keys(flagTable(command)), ["limit", "port", "config"]);
});
