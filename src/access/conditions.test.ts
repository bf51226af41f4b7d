import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { PERMISSIONS } from "../core/permission.ts";
import type { Call } from "../core/ports/authorizer.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { GrantAuthorizer } from "./authorizer.ts";
import { conditionOf } from "./conditions.ts";
import { explain } from "./explain.ts";
import { parseRules, RulesError } from "./rules.ts";

const call: Call = {
  caller: { ...ANONYMOUS, principal: "user:ada", groups: ["group:a"] },
  permission: PERMISSIONS.start,
  resource: "projects/a/operations/x",
  method: "copy",
};
const NOW = Date.parse("2026-06-01T12:00:00Z");

describe("conditionOf()", () => {
  it("judges a call by its resource, its time, its method and its caller", async () => {
    for (const [text, expected] of [
      ['resource.name.startsWith("projects/a/")', true],
      ['resource.name.matches("operations/[xy]$")', true],
      ['request.time < timestamp("2026-06-01T12:00:01Z")', true],
      ['request.time < timestamp("2026-06-01T12:00:00Z")', false],
      ['request.time.getHours("Europe/Berlin") == 14', true],
      ['request.method == "copy" && request.permission.endsWith(".start")', true],
      ['"group:a" in principal.groups && principal.name == "user:ada"', true],
    ] as const)
      assert.equal((await conditionOf(text)).holds(call, NOW), expected, text);
  });

  it("treats an error during the evaluation as false", async () => {
    const condition = await conditionOf('principal.groups.size() == 0 || principal.groups[7] == "group:a"');
    assert.equal(condition.holds(call, NOW), false);
    assert.equal(condition.holds({ ...call, caller: ANONYMOUS }, NOW), true);
  });

  it("refuses invalid conditions, and conditions of unbounded cost", async () => {
    for (const [text, message] of [
      ["request.time <", /^TypeError: the condition is not valid CEL: /],
      ["1 + 1", /expected an expression that is true or false, got one of type bigint/],
      ['resource.nme == "x"', /the condition cannot be evaluated: field not found: nme/],
      ["nothing == 1", /the condition cannot be evaluated: /],
      ["[1, 2].all(x, x > 0)", /cannot iterate over lists/],
      ["resource.name.matches(resource.name)", /pattern of matches\(\) must be a literal in the condition/],
      ['matches(resource.name, "a" + "b")', /must be a literal in the condition/],
      ['resource.name.matches("(?:a?){900}a{900}")', /patterns of matches\(\) are too large/],
      [
        `${'resource.name.matches("abcdefghijklmnopqrstuvwxyz") || '.repeat(3)}resource.name.matches("abcdefghijklmnopqrstuvwxyz")`,
        /too large/,
      ],
      ['{"a": [1].exists(x, x > 0)}.a', /cannot iterate over lists/],
      ["(1 > 2) || !([1].map(x, x).size() > 0)", /cannot iterate over lists/],
      [`"${"x".repeat(LIMITS.conditionLengthMax)}" == ""`, /has at most 2000 characters/],
    ] as const)
      await assert.rejects(conditionOf(text), message, text);
  });

  it("evaluates patterns that would take other engines for ever, on names up to the maximum length", async () => {
    for (const pattern of ["(a+)+$", "(a|aa)+$", "(a|a?)+$", "(.*)*x"]) {
      const condition = await conditionOf(`resource.name.matches("^projects/${pattern}")`);
      const resource = `projects/${"a".repeat(1_000)}!`;
      assert.equal(condition.holds({ ...call, resource }, NOW), false, pattern);
    }
    const any = await conditionOf("true");
    const { nameLengthMax } = LIMITS;
    assert.deepEqual(
      [nameLengthMax, nameLengthMax + 1].map((length) =>
        any.holds({ ...call, resource: "a".repeat(length) }, NOW),
      ),
      [true, false],
    );
  });

  it("says what to install if the package that reads conditions is missing", async () => {
    await assert.rejects(
      conditionOf("true", () => Promise.reject(new Error("no such package"))),
      /conditions need a package that is not installed: npm install @bufbuild\/cel/,
    );
  });
});

function rulesOf(condition: string): string {
  return JSON.stringify({
    grants: [{ members: ["user:ada"], role: "caller", parent: "projects/a", condition }],
  });
}

describe("a grant with a condition", () => {
  it("applies while the condition is true", async () => {
    const clock = new ManualClock();
    const until = new Date(clock.now() + 1_000).toISOString();
    const rules = await parseRules(rulesOf(`request.time < timestamp("${until}")`), "f");
    const gate = new GrantAuthorizer(rules, clock);
    const list: Call = { ...call, permission: PERMISSIONS.list, resource: "projects/a" };
    assert.equal(gate.authorize(list), undefined);
    // Whether the condition holds elsewhere is unknown.
    assert.throws(() => gate.authorize({ ...list, resource: "-" }), { reason: "IAM_PERMISSION_DENIED" });
    assert.equal(gate.authorizeSomewhere({ ...call, resource: "" }), undefined);
    await clock.advance(1_000);
    assert.throws(() => gate.authorize(list), { reason: "IAM_PERMISSION_DENIED" });
    const { missed } = explain(rules, list, clock.now());
    assert.match(missed[0]?.why ?? "", /^its condition is not true: request\.time/);
  });

  it("can limit the time of a permission, if its condition depends on the time of the request", async () => {
    for (const [condition, expected] of [
      ['request.time < timestamp("2100-01-01T00:00:00Z")', true],
      ['request.time < timestamp("2000-01-01T00:00:00Z")', true],
      ['resource.name != "projects/a/operations/y"', false],
    ] as const) {
      const gate = new GrantAuthorizer(await parseRules(rulesOf(condition), "f"), new ManualClock());
      assert.equal(gate.endsByTime(call), expected);
    }
  });

  it("does not apply to a list over several collections, because its condition may be false for one of them", async () => {
    const condition = '!resource.name.startsWith("projects/secret")';
    const grants = [{ members: ["user:ada"], role: "viewer", parent: "*", condition }];
    const rules = await parseRules(JSON.stringify({ grants }), "f");
    const gate = new GrantAuthorizer(rules, new ManualClock());
    for (const permission of [PERMISSIONS.list, PERMISSIONS.watch]) {
      const asked: Call = { ...call, permission, resource: "projects/open" };
      assert.equal(gate.authorize(asked), undefined);
      for (const resource of ["-", "projects/-", "projects/-/locations/-"])
        assert.throws(() => gate.authorize({ ...asked, resource }), { reason: "IAM_PERMISSION_DENIED" });
      const { missed } = explain(rules, { ...asked, resource: "-" }, NOW);
      assert.match(
        missed[0]?.why ?? "",
        /has a condition, and such grants do not apply to several collections/,
      );
    }
  });

  it("sees a resource under one name, however the caller wrote it", async () => {
    const condition = 'resource.name != "projects/\u00e9" && resource.name != "projects/\u00e9/operations/x"';
    const grants = [{ members: ["user:ada"], role: "viewer", parent: "*", condition }];
    const rules = await parseRules(JSON.stringify({ grants }), "f");
    const gate = new GrantAuthorizer(rules, new ManualClock());
    const list: Call = { ...call, permission: PERMISSIONS.list };
    for (const resource of ["projects/\u00e9", "projects/\u00e9/operations", "projects/e\u0301"])
      assert.throws(() => gate.authorize({ ...list, resource }), { reason: "IAM_PERMISSION_DENIED" });
    const get: Call = { ...call, permission: PERMISSIONS.get };
    for (const resource of ["projects/\u00e9/operations/x", "operations/projects/e\u0301/operations/x"])
      assert.throws(() => gate.authorize({ ...get, resource }), { reason: "IAM_PERMISSION_DENIED" });
    assert.equal(gate.authorize({ ...get, resource: "projects/\u00e9/operations/y" }), undefined);
  });

  it("is a mistake in the file if the condition is invalid", async () => {
    await assert.rejects(parseRules(rulesOf("resource.name ="), "f"), (error: unknown) => {
      assert.ok(error instanceof RulesError);
      assert.match(error.message, /^f:1:86: grants\[0\]\.condition: the condition is not valid CEL/);
      return true;
    });
  });
});
