import assert from "node:assert/strict";
import { test } from "node:test";
import { asyncRules } from "../proxy/async-rules.ts";
import { PROXY_SETTINGS } from "./proxy-settings.ts";

test("the setting async accepts the same as the proxy", () => {
  const { form } = PROXY_SETTINGS.async.pattern;
  for (const [pattern, isOne] of [
    ["POST /reports/**", true],
    ["* /a", true],
    ["/a/*/b.csv", true],
    ["POST  /a", false],
    ["reports", false],
    ["/a?b", false],
    ["P0ST /a", false],
  ] as const) {
    assert.equal(form.test(pattern), isOne, pattern);
    if (isOne) asyncRules([pattern]);
    else assert.throws(() => asyncRules([pattern]));
  }
});
