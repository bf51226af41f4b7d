import assert from "node:assert/strict";
import { test } from "node:test";
import { type ParallelOptions, parallelPolicy } from "./parallel.ts";

test("parallelPolicy() fills in one limit of 1 for the whole method", () => {
  const policy = parallelPolicy("pack", { when: "queue" });
  assert.deepEqual([policy.limit, policy.when, policy.key({ a: 1 })], [1, "queue", ""]);
});

test("parallelPolicy() takes the key of a request from the developer's function", () => {
  const policy = parallelPolicy<{ name: string }>("pack", {
    key: ({ name }) => name,
    limit: 1_000,
    when: "reject",
  });
  assert.deepEqual([policy.limit, policy.when, policy.key({ name: "a" })], [1_000, "reject", "a"]);
});

test("parallelPolicy() names the mistakes in a definition", () => {
  const wrong: readonly (readonly [unknown, RegExp])[] = [
    [null, /^TypeError: pack: parallel: expected an object such as/],
    ["queue", /expected an object .*, got "queue"/],
    [{}, /pack: parallel\.when: expected "reject" or "queue", got undefined/],
    [{ when: "wait" }, /when: expected "reject" or "queue", got "wait"/],
    [{ when: "queue", limit: 0 }, /pack: parallel\.limit: expected a whole number from 1 to 1000, got 0/],
    [{ when: "queue", limit: 1.5 }, /got 1\.5/],
    [{ when: "queue", limit: 1_001 }, /got 1001/],
    [{ when: "queue", limit: "2" }, /got 2/],
    [{ when: "queue", key: "name" }, /pack: parallel\.key: expected a function of the request, got name/],
    [{ when: "queue", keys: () => "" }, /pack: parallel: there is no option "keys"/],
  ];
  for (const [options, message] of wrong) {
    assert.throws(() => parallelPolicy("pack", options as ParallelOptions), message);
  }
});

test("a key that is not a text is an error of the method's author", () => {
  const policy = parallelPolicy("pack", { key: () => 7 as never, when: "queue" });
  assert.throws(() => policy.key({}), /^TypeError: pack: parallel\.key: expected it to give a text, got 7$/);
});
