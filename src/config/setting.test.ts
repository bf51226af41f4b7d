import assert from "node:assert/strict";
import { test } from "node:test";
import {
  checkSetting,
  environmentNameOf,
  flagOf,
  oneOf,
  optionOf,
  readSetting,
  type Setting,
} from "./setting.ts";

const NAMES: Setting = {
  type: "list",
  pattern: { form: /^[a-z]+$/, description: "small letters" },
  help: "",
};

const cases: [Setting, unknown, unknown][] = [
  [{ type: "integer", min: 1, max: 5, help: "" }, "3", 3],
  [{ type: "integer", min: 1, max: 5, help: "" }, 3, 3],
  [{ type: "integer", min: 1, max: 5, help: "" }, 1, 1],
  [{ type: "integer", min: 1, max: 5, help: "" }, 5, 5],
  [{ type: "duration", min: "1s", max: "1h", help: "" }, "1s", 1_000],
  [{ type: "duration", min: "1s", max: "1h", help: "" }, "1h", 3_600_000],
  [{ type: "duration", min: "1s", max: "1h", help: "" }, "1.5s", 1_500],
  [{ type: "boolean", help: "" }, "false", false],
  [{ type: "boolean", help: "" }, true, true],
  [{ type: "enum", values: ["a", "b"], help: "" }, "b", "b"],
  [{ type: "string", help: "" }, "", ""],
  [NAMES, "a,bc", ["a", "bc"]],
  [NAMES, ["a", "bc"], ["a", "bc"]],
  [NAMES, [], []],
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
  [{ type: "integer", min: 1, max: 5, help: "" }, 0, "expected a whole number from 1 to 5, got 0"],
  [{ type: "integer", min: 1, max: 5, help: "" }, 6, "expected a whole number from 1 to 5, got 6"],
  [NAMES, "a,B", 'expected small letters, got "B"'],
  [NAMES, ["a", 5], "expected small letters, got 5"],
  [NAMES, 5, "expected a list of small letters, got 5"],
  [NAMES, "", 'expected small letters, got ""'],
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
  [
    { type: "duration", min: "0s", max: "1h", help: "" },
    "1y",
    'expected a duration such as "30s", "15m" or "30d", got "1y"',
  ],
  [{ type: "boolean", help: "" }, "yes", 'expected true or false, got "yes"'],
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

const STORE: Setting = {
  type: "address",
  schemes: ["sqlite", "postgres"],
  example: "sqlite:data/a.db",
  secret: true,
  help: "",
};
const SERVER: Setting = { type: "address", schemes: ["http", "grpc"], example: "http://h:1", help: "" };

for (const [setting, written, meant] of [
  [STORE, "data/x.db", ' (did you mean "sqlite:data/x.db"?)'],
  [STORE, "x.db", ' (did you mean "sqlite:x.db"?)'],
  [STORE, "C:\\data\\x.db", ' (did you mean "sqlite:C:\\data\\x.db"?)'],
  [STORE, "file:x.db", ""],
  [STORE, "mysql://h/d", ""],
  [STORE, "ada:secret@h/d", ""],
  [STORE, "sqlite", ""],
  [STORE, "", ""],
  [SERVER, "localhost:8080", ' (did you mean "http://localhost:8080"?)'],
  [SERVER, "127.0.0.1:8080/tools", ' (did you mean "http://127.0.0.1:8080/tools"?)'],
  [SERVER, "[::1]:8080", ' (did you mean "http://[::1]:8080"?)'],
  [SERVER, "h:1?x=1", ""],
  [SERVER, "ftp://h", ""],
  [SERVER, "server", ""],
] as const) {
  test(`an address without a scheme is refused, and the intended address is suggested: ${written}`, () => {
    const { violation = "" } = readSetting(setting, written);
    assert.match(violation, /^expected an address such as /);
    assert.equal(/ \(did you mean .*\)$/.exec(violation)?.[0] ?? "", meant);
  });
}

for (const [setting, written, violation] of refused) {
  test(`readSetting() refuses ${JSON.stringify(written)} as ${setting.type}`, () => {
    assert.deepEqual(readSetting(setting, written), { violation });
  });
}

test("checkSetting() accepts values of the right type, and no text for a number", () => {
  const port: Setting = { type: "integer", min: 1, max: 5, help: "" };
  assert.deepEqual(checkSetting(port, 3), { value: 3 });
  assert.deepEqual(checkSetting(port, "3"), { violation: 'expected a whole number from 1 to 5, got "3"' });
  assert.deepEqual(checkSetting({ type: "boolean", help: "" }, "true"), {
    violation: 'expected true or false, got "true"',
  });
  assert.deepEqual(checkSetting(NAMES, "a"), { violation: 'expected a list of small letters, got "a"' });
});

test("a message shows no part of a password, however long the address is", () => {
  const store: Setting = { type: "address", schemes: ["a"], example: "a:b", secret: true, help: "" };
  const { violation = "" } = checkSetting(store, `mysql://${"u".repeat(80)}:secret@host/d`);
  assert.doesNotMatch(violation, /:s/);
});

test("a key has its option, its flag and its variable", () => {
  assert.equal(
    optionOf("listen", { type: "boolean", option: "postgres.listen", help: "" }),
    "postgres.listen",
  );
  assert.equal(optionOf("lease", { type: "boolean", help: "" }), "lease");
  assert.equal(optionOf("config", { type: "boolean", noOption: "it is a file", help: "" }), undefined);
  assert.equal(flagOf("publicUrl"), "--public-url");
  assert.equal(environmentNameOf("publicUrl"), "LONGRUNNING_PUBLIC_URL");
  assert.equal(oneOf(["a", "b", "c"]), '"a", "b" or "c"');
});
