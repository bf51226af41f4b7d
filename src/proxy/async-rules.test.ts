import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { asyncRules } from "./async-rules.ts";

suite("asyncRules()", () => {
  const cases: [pattern: string, call: string, matches: boolean][] = [
    ["POST /reports/**", "POST /reports/2026/all", true],
    ["POST /reports/**", "POST /reports/", true],
    ["POST /reports/**", "POST /reports", true],
    ["POST /reports/**", "POST /reportsx", false],
    ["POST /reports/**", "GET /reports/a", false],
    ["post /reports", "POST /reports", true],
    ["POST /reports", "POST /reports/a", false],
    ["/reports/*/pdf", "PUT /reports/a/pdf", true],
    ["* /reports/*/pdf", "PUT /reports/a/b/pdf", false],
    ["/**/pdf", "GET /a/b/pdf", true],
    ["/**/a/**/b", "GET /x/a/y/a/z/b", true],
    ["/**/a/**/b", "GET /x/a/y/b/z", false],
    ["/a*c.csv", "GET /abbc.csv", true],
    ["/a*c.csv", "GET /abbcXcsv", false],
    ["/a.c", "GET /abc", false],
    ["/**", "DELETE /", true],
  ];
  for (const [pattern, call, matches] of cases) {
    test(`${pattern} ${matches ? "is" : "is not"} ${call}`, () => {
      const [method = "", path = ""] = call.split(" ");
      assert.equal(asyncRules([pattern]).match(method, path), matches);
    });
  }

  test("one of several must match, and none matches nothing", () => {
    assert.equal(asyncRules(["/a", "/b"]).match("GET", "/b"), true);
    assert.equal(asyncRules([]).match("GET", "/"), false);
  });

  for (const wrong of [
    "reports",
    "POST  /a",
    "POST /a?b=c",
    "P0ST /a",
    "",
    `/${"a".repeat(LIMITS.proxyRuleLengthMax)}`,
  ]) {
    test(`refuses ${JSON.stringify(wrong.slice(0, 20))}`, () =>
      assert.throws(
        () => asyncRules([wrong]),
        /^TypeError: async: expected patterns such as "POST \/reports\/\*\*"/,
      ));
  }

  test("refuses more rules than the limit", () => {
    assert.throws(
      () => asyncRules(Array.from({ length: LIMITS.proxyRulesMax + 1 }, () => "/a")),
      /32 patterns at most, got 33/,
    );
  });

  test("matches long paths quickly, whatever the pattern", () => {
    const rules = asyncRules([`/**${"/a*a".repeat(60)}/b`]);
    const began = process.threadCpuUsage();
    assert.equal(rules.match("GET", "/aaaaaaaa".repeat(3_000)), false);
    const { user, system } = process.threadCpuUsage(began);
    assert.ok(user + system < 1_000_000, `took ${user + system} µs of processor time`);
  });
});
