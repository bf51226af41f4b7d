import assert from "node:assert/strict";
import { test } from "node:test";
import { loadAll } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { allHelpMarkdown, commandHelp, programHelp } from "./help.ts";

const loaded = await loadAll(COMMANDS);

test("programHelp() lists every command", () => {
  for (const { name, summary } of loaded)
    assert.match(programHelp(loaded), new RegExp(`^ {2}${name} +${summary.slice(0, 20)}`, "m"));
});

for (const command of loaded) {
  test(`longrunning ${command.name} --help has usage, flags, examples and exit codes`, () => {
    const page = commandHelp(command);
    for (const part of ["Usage: longrunning", "Flags:", "Examples:", "Exit codes:"])
      assert.ok(page.includes(part), part);
    assert.ok(command.examples.length > 0);
    for (const example of command.examples)
      assert.match(example, new RegExp(`longrunning ${command.name}\\b`));
  });
}

test("allHelpMarkdown() is the page docs/cli.md", () => {
  const page = allHelpMarkdown(loaded);
  for (const { name } of loaded) assert.ok(page.includes(`\n## longrunning ${name}\n`));
});
