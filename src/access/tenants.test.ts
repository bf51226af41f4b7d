import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRules, RulesError } from "./rules.ts";
import { TenantPatterns } from "./tenants.ts";

test("a tenant is the match of the longest pattern in a parent, or in an operation's name", () => {
  const tenants = new TenantPatterns(["projects/*", "projects/*/locations/*", "shared"]);
  const cases: readonly (readonly [string, string | null])[] = [
    ["", null],
    ["operations/x", null],
    ["projects", null],
    ["projects/p", "projects/p"],
    ["projects/p/operations/x", "projects/p"],
    ["projects/p/locations", "projects/p"],
    ["projects/p/locations/l", "projects/p/locations/l"],
    ["projects/p/locations/l/operations/x", "projects/p/locations/l"],
    ["projects/-", null],
    ["projects/-/locations/-", null],
    ["projects/p/locations/-", "projects/p"],
    ["shared/a", "shared"],
    ["sharedness", null],
    ["otherprojects/p", null],
  ];
  for (const [resource, tenant] of cases) assert.equal(tenants.of(resource), tenant, resource);
  assert.equal(new TenantPatterns([]).of("projects/p"), null);
  assert.equal(new TenantPatterns(["*"]).of("operations/x"), null, "what has no parent is nobody's");
  assert.equal(new TenantPatterns(["*"]).of("acme/operations/x"), "acme");
  assert.equal(new TenantPatterns(["a.b/*"]).of("aXb/p"), null, "a dot is a dot");
});

test("tenants in a file are patterns, and each invalid one is reported", async () => {
  const { tenants } = await parseRules("grants: []\ntenants: [projects/*, shared]\n", "access.yaml");
  assert.deepEqual(tenants, ["projects/*", "shared"]);
  assert.deepEqual((await parseRules("grants: []\n", "access.yaml")).tenants, []);
  const text = "grants: []\ntenants: [projects/-, /projects, 'a b', projects/operations]\n";
  await assert.rejects(parseRules(text, "access.yaml"), (error: RulesError) => {
    assert.deepEqual(
      error.mistakes.map(({ path }) => path),
      ["tenants[0]", "tenants[1]", "tenants[2]", "tenants[3]"],
    );
    return error instanceof RulesError;
  });
});
