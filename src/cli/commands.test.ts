import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "../config/flags.ts";
import { flagTable } from "./command.ts";
import { COMMANDS } from "./commands.ts";

test("commands have unique names", () => {
  assert.equal(new Set(COMMANDS.map(({ name }) => name)).size, COMMANDS.length);
});

test("a command without words has none in its usage", () => {
  for (const { name, words } of COMMANDS) assert.equal(words.max === 0, words.usage === "", name);
});

test("the flags for output to programs are the same in all commands", () => {
  for (const command of COMMANDS) {
    const table = flagTable(command);
    if ("json" in table) assert.ok("output" in table, command.name);
  }
});

test("the flags in examples exist", () => {
  for (const command of COMMANDS) {
    for (const example of command.examples) {
      const own = example.slice(example.indexOf(`longrunning ${command.name}`)).split(" | ")[0] ?? "";
      const words = own
        .replaceAll(/'[^']*'|"[^"]*"/g, "quoted")
        .split(" ")
        .slice(1 + command.name.split(" ").length);
      assert.deepEqual(parseFlags(words, flagTable(command)).violations, [], example);
    }
  }
});
