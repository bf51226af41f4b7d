import assert from "node:assert/strict";
import { test } from "node:test";
import { parseFlags } from "./flags.ts";
import type { SettingTable } from "./setting.ts";

const table: SettingTable = {
  pageSize: { type: "integer", min: 0, max: 9, help: "" },
  json: { type: "string", help: "" },
  wait: { type: "boolean", help: "" },
};

const cases: [string, string[], ReturnType<typeof parseFlags>][] = [
  [
    "values behind a space or an equals sign",
    ["--page-size", "5", "--json=a=b", "n"],
    { flags: { pageSize: "5", json: "a=b" }, positionals: ["n"], violations: [] },
  ],
  [
    "booleans, also switched off",
    ["--wait", "n", "--no-wait"],
    { flags: { wait: false }, positionals: ["n"], violations: [] },
  ],
  [
    "a dash as value and as word",
    ["--json", "-", "-"],
    { flags: { json: "-" }, positionals: ["-"], violations: [] },
  ],
  ["words behind two dashes", ["--", "--wait"], { flags: {}, positionals: ["--wait"], violations: [] }],
  [
    "a flag without its value",
    ["--json", "--wait"],
    { flags: { wait: true }, positionals: [], violations: ["--json: expected a value behind it"] },
  ],
  [
    "unknown flags, with the nearest",
    ["--page-sise", "5", "--zzz"],
    {
      flags: {},
      positionals: [],
      violations: [
        '--page-sise: there is no such flag (did you mean "--page-size"?)',
        "--zzz: there is no such flag",
      ],
    },
  ],
  [
    "--no- only before booleans",
    ["--no-json"],
    { flags: {}, positionals: [], violations: ["--no-json: there is no such flag"] },
  ],
];

test("a flag with the name of a value is refused with the flag that takes it", () => {
  const output = { type: "enum", values: ["text", "json"], default: "text", help: "" } as const;
  assert.deepEqual(parseFlags(["--json"], { output }).violations, [
    '--json: there is no such flag (did you mean "--output json"?)',
  ]);
});

for (const [what, words, expected] of cases) {
  test(`parseFlags() reads ${what}`, () => assert.deepEqual(parseFlags(words, table), expected));
}
