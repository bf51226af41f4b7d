import assert from "node:assert/strict";
import { test } from "node:test";
import { readSetting } from "./setting.ts";
import { WORKER_SETTINGS } from "./worker-settings.ts";

const read = (text: string) => readSetting(WORKER_SETTINGS.header, text);

test("headers are names with values, separated by commas", () => {
  assert.deepEqual(read("x-team: a b,X-More:c:d"), { value: ["x-team: a b", "X-More:c:d"] });
  for (const text of [
    "x-team",
    ": a",
    "x team: a",
    "x-team:",
    "x-team: ",
    "x-team: a\r\nhost: b",
    "a:b,,c:d",
  ])
    assert.notEqual(read(text).violation, undefined, JSON.stringify(text));
});

test("a message about a secret does not show it", () => {
  for (const key of ["token", "apiKey", "header"] as const)
    assert.doesNotMatch(readSetting(WORKER_SETTINGS[key], "my secret\n").violation ?? "my", /my/);
});
