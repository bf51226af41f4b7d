import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { PERMISSIONS } from "../core/permission.ts";
import { GrantTable } from "./grant-table.ts";
import { ROLES } from "./roles.ts";
import { parseRules, RulesError } from "./rules.ts";

const FULL = `
groups:
  group:operators@example.com: [user:ada@example.com, serviceAccount:nightly]
grants:
  - members: [group:operators@example.com]
    role: operator
    parent: "*"
  - members: [serviceAccount:ci@example.com, allAuthenticated]
    role: viewer
    permissions: [longrunning.operations.start]
    parent: projects/a
    methods: [createArchive]
`;

/** The messages about a file: line, column and text. */
async function mistakesOf(source: string | Uint8Array): Promise<string[]> {
  const refusal = await parseRules(source, "f").then(
    () => assert.fail("it was taken"),
    (error: unknown) => error,
  );
  assert.ok(refusal instanceof RulesError);
  return refusal.message.split("\n");
}

describe("parseRules()", () => {
  it("reads groups and grants", async () => {
    const { grants, groups } = await parseRules(FULL, "access.yaml");
    assert.deepEqual(
      [...groups],
      [["group:operators@example.com", ["user:ada@example.com", "serviceAccount:nightly"]]],
    );
    assert.equal(grants.length, 2);
    const [operators, callers] = grants;
    assert.deepEqual(operators?.parent, []);
    assert.deepEqual(operators?.permissions, new Set(ROLES.operator));
    assert.deepEqual(callers?.members, ["serviceAccount:ci@example.com", "allAuthenticated"]);
    assert.deepEqual(callers?.parent, ["projects", "a"]);
    assert.deepEqual(callers?.permissions, new Set([...ROLES.viewer, PERMISSIONS.start]));
    assert.deepEqual(callers?.methods, new Set(["createArchive"]));
    assert.deepEqual(callers?.place, { path: "grants[1]", line: 8 });
  });

  it("reads JSON, because it is YAML", async () => {
    const grant = { members: ["all"], role: "viewer", parent: "*" };
    const { grants, groups } = await parseRules(JSON.stringify({ grants: [grant] }), "access.json");
    assert.deepEqual(grants[0]?.permissions, new Set(ROLES.viewer));
    assert.equal(groups.size, 0);
  });

  it("reports every mistake, with its line and place", async () => {
    const told = await mistakesOf(`grants:
  - members: [ada@example.com]
    role: vewer
    parent: projects/*
  - members: []
    parent: projects//a
  - role: viewer
    parents: "*"
  - nothing
groups:
  operators: [group:others]
grant: []
`);
    assert.deepEqual(told, [
      'f:2:15: grants[0].members[0]: expected user:…, serviceAccount:…, group:…, allAuthenticated or all, got "ada@example.com"',
      'f:3:11: grants[0].role: expected one of viewer, caller, worker, operator, admin, got "vewer" (did you mean "viewer"?)',
      'f:4:13: grants[0].parent: expected segments such as projects/a, or "*" alone, got "projects/*"; wildcards are not supported',
      'f:5:5: grants[1]: the grant gives no permission; add "role", "permissions", or both',
      "f:5:14: grants[1].members: expected at least one entry, got an empty list",
      'f:6:13: grants[1].parent: Invalid parent "projects//a": it must not begin or end with a slash, or have two in a row.',
      'f:7:5: grants[2]: "members" is missing',
      'f:7:5: grants[2]: "parent" is missing',
      'f:8:5: grants[2].parents: unknown name "parents" (did you mean "parent"?)',
      'f:9:5: grants[3]: expected a mapping (name: value), got "nothing"',
      'f:11:3: groups.operators: expected the name of a group, group:…, got "operators"',
      'f:11:15: groups.operators[0]: expected user:… or serviceAccount:…, got "group:others"',
      'f:12:1: grant: unknown name "grant" (did you mean "grants"?)',
    ]);
  });

  for (const [what, source, expected] of [
    ["nothing", "", "f:1:1: expected a mapping (name: value), got nothing"],
    ["a list", "[]", "f:1:1: expected a mapping (name: value), got a list"],
    ["no grants", "groups: {}", 'f:1:1: "grants" is missing'],
    ["grants that are none", "grants:\n", "f:1:8: grants: expected a list, got nothing"],
    [
      "a name twice",
      "grants: []\ngrants: []",
      'f:2:1: grants: "grants" is given twice; the first is in line 1',
    ],
    [
      "a name twice further down",
      "groups: { group:a: [], group:a: [] }\ngrants: []",
      'f:1:24: groups.group:a: "group:a" is given twice; the first is in line 1',
    ],
    ["what is no YAML", "grants: [", /^f:1:10: Flow sequence/],
    ["a type of another's", "grants: !mine []", /^f:1:9: Unresolved tag/],
    [
      "operators of a part",
      "grants:\n  - { members: [all], role: operator, parent: projects/a }",
      'f:2:5: grants[0]: permissions of operators (longrunning.admin.…) apply to all operations; grant them with the parent "*"',
    ],
    [
      "methods of a grant that starts nothing",
      "grants:\n  - { members: [all], role: viewer, parent: projects/a, methods: [copy] }",
      'f:2:5: grants[0]: "methods" limits a grant to starts, and this grant gives no permission to start',
    ],
    [
      "a wildcard within a segment",
      "grants:\n  - { members: [all], role: viewer, parent: projects/a* }",
      /^f:2:45: grants\[0\]\.parent: .*wildcards are not supported$/,
    ],
    ["several documents", "grants: []\n---\ngrants: []", /^f:2:1: the file has several documents \(---\)/],
    ["UTF-16", Buffer.from("\ufeffgrants: []", "utf16le"), /^f:1:1: the text is in UTF-16/],
    [
      "bytes that are not UTF-8",
      Buffer.concat([Buffer.from("# \ufffd\ngrants: ["), Buffer.from([0xe9]), Buffer.from("]")]),
      /^f:2:10: this character is not valid UTF-8/,
    ],
    [
      "an alias",
      "grants: &all\n  - *all",
      "f:2:5: grants[0]: aliases are not supported; use a group for several members",
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const [first = ""] = await mistakesOf(source);
      if (typeof expected === "string") assert.equal(first, expected);
      else assert.match(first, expected);
    });
  }

  it("reads a large file in time proportional to its size", async () => {
    const groups = Array.from({ length: 40_000 }, (_, index) => `  group:${index}: [user:ada]\n`).join("");
    const source = `grants: [{ members: [group:39999], role: viewer, parent: "*" }]\ngroups:\n${groups}`;
    const before = process.cpuUsage();
    const table = new GrantTable(await parseRules(source, "f"));
    const { user, system } = process.cpuUsage(before);
    assert.equal([...table.membersOf({ ...ANONYMOUS, principal: "user:ada" })].length, 40_003);
    // One or two seconds; half a minute if each name were compared with all others.
    assert.ok(user + system < 12_000_000, `took ${user + system} µs of processor time`);
  });

  it("has limits: bytes, depth, and reported mistakes", async () => {
    const long = `# ${"x".repeat(LIMITS.rulesBytesMax)}\ngrants: []`;
    assert.match(
      (await mistakesOf(long))[0] ?? "",
      /^f:1:1: a file of rules has at most \d+ bytes, and this one has more$/,
    );
    const deep = `grants: ${"[".repeat(100)}${"]".repeat(100)}`;
    assert.match((await mistakesOf(deep))[0] ?? "", /f:1:1: the values are nested too deeply/);
    const deeper = `grants: ${"[".repeat(100_000)}`;
    assert.match((await mistakesOf(deeper))[0] ?? "", /nested too deeply$/);
    const wrong = `grants:\n${"  - x\n".repeat(1_000)}`;
    assert.equal((await mistakesOf(wrong)).length, LIMITS.mistakesMax);
  });
});
