import assert from "node:assert/strict";
import { test } from "node:test";
import { displaySettings, displayValue, settingsMarkdown } from "./display.ts";
import { parseSettings } from "./parse.ts";
import { SETTINGS } from "./settings.ts";

test("displaySettings() shows the settings, with durations as people write them", () => {
  const values = parseSettings(["lease", "port"], { flags: { lease: "90s" }, environment: {} });
  assert.deepEqual(displaySettings(values), [
    ["port", "8080"],
    ["lease", "90s"],
  ]);
});

test("displayValue() hides secrets", () => {
  assert.equal(displayValue(SETTINGS.store, "postgres://me:secret@host/db"), "postgres://me:***@host/db");
  assert.equal(displayValue({ type: "string", help: "", secret: true }, "token"), "(hidden)");
  assert.equal(displayValue(SETTINGS.publicUrl, undefined), "(not set)");
});

test("settingsMarkdown() has a row for every setting", () => {
  const page = settingsMarkdown();
  assert.equal(page.trimEnd().split("\n").length, 2 + Object.keys(SETTINGS).length);
  assert.match(page, /\| `publicUrl` \| `--public-url` \| `LONGRUNNING_PUBLIC_URL` \|/);
});
