import assert from "node:assert/strict";
import { test } from "node:test";
import { environmentNameOf, flagOf, oneOf, readSetting, type Setting } from "./setting.ts";

const cases: [Setting, unknown, unknown][] = [
  [{ type: "integer", min: 1, max: 5, help: "" }, "3", 3],
  [{ type: "integer", min: 1, max: 5, help: "" }, 3, 3],
  [{ type: "duration", min: "1s", max: "1h", help: "" }, "1.5s", 1_500],
  [{ type: "boolean", help: "" }, "false", false],
  [{ type: "boolean", help: "" }, true, true],
  [{ type: "enum", values: ["a", "b"], help: "" }, "b", "b"],
  [{ type: "string", help: "" }, "", ""],
  [
    { type: "address", schemes: ["sqlite"], example: "sqlite:x", help: "" },
    "sqlite::memory:",
    "sqlite::memory:",
  ],
];

for (const [setting, written, value] of cases) {
  test(`readSetting() reads ${JSON.stringify(written)} as ${setting.type}`, () => {
    assert.deepEqual(readSetting(setting, written), { value });
  });
}

const refused: [Setting, unknown, string][] = [
  [{ type: "integer", min: 1, max: 5, help: "" }, "0x3", 'expected a whole number from 1 to 5, got "0x3"'],
  [{ type: "integer", min: 1, max: 5, help: "" }, "", 'expected a whole number from 1 to 5, got ""'],
  [
    { type: "duration", default: "30s", min: "1s", max: "1h", help: "" },
    30,
    'expected a duration such as "30s", got 30',
  ],
  [
    { type: "duration", min: "1s", max: "1h", help: "" },
    "2h",
    'expected a duration from "1s" to "1h", got "2h"',
  ],
  [{ type: "boolean", help: "" }, "yes", 'expected "true" or "false", got "yes"'],
  [{ type: "string", help: "" }, 5, "expected a text, got 5"],
  [{ type: "string", help: "", secret: true }, 5, "expected a text, got something else"],
  [
    { type: "address", schemes: ["http"], example: "http://h:1", help: "" },
    "http://",
    'expected an address such as "http://h:1", got "http://"',
  ],
  [
    { type: "address", schemes: ["grpc"], example: "grpc://h:1", help: "" },
    "grpc://[",
    'expected an address such as "grpc://h:1", got "grpc://["',
  ],
];

for (const [setting, written, problem] of refused) {
  test(`readSetting() refuses ${JSON.stringify(written)} as ${setting.type}`, () => {
    assert.deepEqual(readSetting(setting, written), { problem });
  });
}

test("a key has its flag and its variable", () => {
  assert.equal(flagOf("publicUrl"), "--public-url");
  assert.equal(environmentNameOf("publicUrl"), "LONGRUNNING_PUBLIC_URL");
  assert.equal(oneOf(["a", "b", "c"]), '"a", "b" or "c"');
});
