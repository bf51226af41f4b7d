import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parseRate } from "../core/quota.ts";
import { parseRules, RulesError } from "./rules.ts";

test("quotas in a file are rules, in order", async () => {
  const { quotas } = await parseRules(
    `grants: []
quotas:
  - { of: principal, only: ["user:batch@example.com"], write: 10/s }
  - { of: tenant, read: 600/m, wait: 60/h, unfinished: 9 }
`,
    "access.yaml",
  );
  assert.deepEqual(quotas, [
    {
      of: "principal",
      only: new Set(["user:batch@example.com"]),
      rates: { write: parseRate("10/s") },
      unfinished: undefined,
    },
    {
      of: "tenant",
      only: undefined,
      rates: { read: parseRate("600/m"), wait: parseRate("60/h") },
      unfinished: 9,
    },
  ]);
  assert.deepEqual((await parseRules("grants: []\n", "access.yaml")).quotas, []);
});

test("the quotas of docs/quotas.md are rules", async () => {
  const page = readFileSync(new URL("../../docs/quotas.md", import.meta.url), "utf8");
  const [, shown = ""] = /```yaml\n([^`]+)```/.exec(page) ?? [];
  const { quotas } = await parseRules(`grants: []\n${shown}`, "access.yaml");
  assert.deepEqual(
    quotas.map(({ of, rates }) => [of, Object.keys(rates).toSorted()]),
    [
      ["principal", ["write"]],
      ["principal", ["read", "wait", "write"]],
      ["tenant", ["write"]],
      ["quotaUser", ["read"]],
    ],
  );
});

test("each mistake in quotas is reported with its place", async () => {
  const text = `grants: []
quotas:
  - { of: everybody, read: 1/s }
  - { of: tenant, read: 600 }
  - { of: tenant, only: [], read: 1/s }
  - { of: tenant }
  - { of: tenant, unfinished: 0 }
  - { of: principal, unfinished: 5 }
  - { of: tenant, only: ["projects/*"], read: 1/s }
  - { of: principal, only: ["user:ada", 192.0.2.7, "2001:db8::/64", nightly], read: 1/s }
`;
  await assert.rejects(parseRules(text, "access.yaml"), (error: RulesError) => {
    assert.deepEqual(
      error.mistakes.map(({ line, path }) => `${line} ${path}`),
      [
        "3 quotas[0].of",
        "4 quotas[1].read",
        "5 quotas[2].only",
        "6 quotas[3]",
        "7 quotas[4].unfinished",
        "8 quotas[5].unfinished",
        "9 quotas[6].only[0]",
        "10 quotas[7].only[3]",
      ],
    );
    assert.match(
      error.message,
      /expected calls per second \(s\), minute \(m\) or hour \(h\), such as 600\/m, got 600/,
    );
    return error instanceof RulesError;
  });
});

test("a limit that never applies is a mistake", async () => {
  const text = `grants: []
quotas:
  - { of: principal, only: ["user:ada", "user:bob"], read: 1/s }
  - { of: principal, only: ["user:ada"], read: 2/s, write: 2/s }
  - { of: principal, only: ["user:ada", "user:eve"], read: 3/s }
  - { of: principal, read: 4/s }
  - { of: principal, write: 4/s, read: 5/s }
  - { of: principal, only: ["user:zoe"], write: 6/s }
  - { of: tenant, read: 7/s, unfinished: 7 }
  - { of: tenant, unfinished: 8 }
  - { of: quotaUser, read: 9/s }
`;
  await assert.rejects(parseRules(text, "access.yaml"), (error: RulesError) => {
    assert.deepEqual(
      error.mistakes.map(({ line, path }) => `${line} ${path}`),
      ["4 quotas[1].read", "7 quotas[4].read", "8 quotas[5].write", "10 quotas[7].unfinished"],
    );
    assert.match(error.message, /read: the limit never applies: the rule in line 3 comes first/);
    return error instanceof RulesError;
  });
});
