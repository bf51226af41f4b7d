import assert from "node:assert/strict";
import { test } from "node:test";
import { checkFunction, checkOptionNames, shownOption } from "./options.ts";

function check(options: unknown): void {
  checkOptionNames("m: retry", options, ["attempts", "codes"], {
    example: "{ attempts: 3 }",
    otherNames: { max: "attempts" },
  });
}

test("checkOptionNames() names the unknown option, the probable one, and all valid ones", () => {
  check({ attempts: 1, codes: undefined });
  check({});
  assert.throws(() => check({ max: 1 }), {
    name: "TypeError",
    message: 'm: retry: there is no option "max" (did you mean "attempts"?); there are attempts, codes',
  });
  assert.throws(() => check({ atempts: 1 }), /did you mean "attempts"/);
  assert.throws(() => check({ toString: 1 }), /no option "toString"; there are/);
  for (const [options, shown] of [
    [undefined, "undefined"],
    [null, "null"],
    ["1h", '"1h"'],
    [[1, 2], "a list of 2"],
    [() => 1, "a function"],
  ] as const)
    assert.throws(() => check(options), {
      message: `m: retry: expected an object such as { attempts: 3 }, got ${shown}`,
    });
});

test("checkFunction() shows the given value", () => {
  checkFunction("m: run", () => 1, "() => 1");
  assert.throws(() => checkFunction("m: run", { a: 1 }, "() => 1"), {
    message: "m: run: expected a function such as () => 1, got an object with a",
  });
  assert.equal(shownOption({}), "an object with nothing in it");
});
