import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "../config/flags.ts";
import { flagTable, loadAll } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { WEBHOOK_COMMANDS } from "./commands/webhooks.ts";

const loaded = await loadAll(COMMANDS);

test("commands have unique names", () => {
  assert.equal(new Set(COMMANDS.map(({ name }) => name)).size, COMMANDS.length);
});

test("every command is loaded by its name, those of webhooks included", () => {
  assert.deepEqual(
    loaded.map(({ name }) => name),
    COMMANDS.map(({ name }) => name),
  );
  assert.deepEqual(
    loaded.filter(({ name }) => name.startsWith("webhooks ")),
    WEBHOOK_COMMANDS,
  );
});

test("a command without words has none in its usage", () => {
  for (const { name, words } of loaded) assert.equal(words.max === 0, words.usage === "", name);
});

test("the flags for output to programs are the same in all commands", () => {
  for (const command of loaded) {
    const table = flagTable(command);
    if ("json" in table) assert.ok("output" in table, command.name);
  }
});

test("the flags in examples exist", () => {
  for (const command of loaded) {
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
