import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSettings } from "./parse.ts";
import { readSetting, type SettingTable } from "./setting.ts";
import { type SettingKey, SETTINGS } from "./settings.ts";

test("every default is a value that its own row accepts", () => {
  for (const [key, setting] of Object.entries<SettingTable[string]>(SETTINGS)) {
    if (setting.default === undefined) continue;
    assert.equal(readSetting(setting, setting.default).problem, undefined, key);
  }
});

test("the defaults fit each other", () => {
  parseSettings(Object.keys(SETTINGS) as SettingKey[], { flags: {}, environment: {} });
});

test("every help is one sentence", () => {
  for (const [key, { help }] of Object.entries(SETTINGS)) assert.match(help, /^[A-Z].*[.}]$/, key);
});
