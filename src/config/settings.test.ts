import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSettings } from "./parse.ts";
import { readSetting, type SettingTable } from "./setting.ts";
import { LISTEN_KEYS, OPEN_KEYS, PROXY_KEYS, WORK_KEYS } from "./setting-keys.ts";
import { type SettingKey, SETTINGS } from "./settings.ts";

test("every default is valid for its own setting", () => {
  for (const [key, setting] of Object.entries<SettingTable[string]>(SETTINGS)) {
    if (setting.default === undefined) continue;
    assert.equal(readSetting(setting, setting.default).violation, undefined, key);
  }
});

test("the defaults fit each other", () => {
  parseSettings(Object.keys(SETTINGS) as SettingKey[], { flags: {}, environment: {} });
});

test("every help is one sentence", () => {
  for (const [key, { help }] of Object.entries(SETTINGS)) assert.match(help, /^[A-Z].*[.}]$/, key);
});

test("every setting is a flag of serve, proxy or work, and an option or listed with the reason why it is not", () => {
  for (const [key, { noOption }] of Object.entries<SettingTable[string]>(SETTINGS)) {
    const isOption = [...OPEN_KEYS, ...LISTEN_KEYS].some((each) => each === key);
    assert.equal(isOption, noOption === undefined, key);
    assert.ok(
      [...PROXY_KEYS, ...WORK_KEYS].some((each) => each === key),
      key,
    );
  }
});

const REFUSED: Readonly<Partial<Record<SettingKey, readonly string[]>>> = {
  allowedHosts: ["", "http://a", "a:80", "a/b", "*a", "a.*", "."],
  cors: ["app.example.com", "https://app.example.com/", "https://a/b", "null", "ftp://a", "https://a:443"],
  host: ["", "a\0b"],
  publicUrl: ["https://a.example/?b", "https://a.example/#b", "ftp://a.example"],
  title: [""],
};

for (const [key, texts] of Object.entries(REFUSED))
  test(`${key} cannot be ${texts.map((text) => JSON.stringify(text)).join(", ")}`, () => {
    for (const text of texts)
      assert.notEqual(readSetting(SETTINGS[key as SettingKey], text).violation, undefined, text);
  });
