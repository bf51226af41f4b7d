import assert from "node:assert/strict";
import { test } from "node:test";
import { readOption, readOptions } from "./options.ts";

test("readOptions() returns values and defaults, also of nested options", () => {
  const violations: string[] = [];
  const options = { postgres: { connections: 3 }, lease: "1m" };
  const values = readOptions(["connections", "listen", "lease", "drain"], options, violations);
  assert.deepEqual({ ...values }, { connections: 3, listen: true, leaseMs: 60_000, drainMs: 10_000 });
  assert.deepEqual(violations, []);
});

test("readOptions() reports all violations, by the names of the options", () => {
  const violations: string[] = [];
  readOptions(["store", "connections", "jsonp"], { postgres: { connections: 1 }, jsonp: "true" }, violations);
  assert.deepEqual(violations, [
    'store: expected an address such as "sqlite:data/operations.db", got undefined',
    "postgres.connections: expected a whole number from 2 to 100, got 1",
    'jsonp: expected true or false, got "true"',
  ]);
});

test("readOption() reads one option, and throws for an invalid value", () => {
  assert.deepEqual({ ...readOption("drain", "2s") }, { drainMs: 2_000 });
  assert.deepEqual({ ...readOption("drain", undefined) }, { drainMs: 10_000 });
  assert.throws(() => readOption("drain", "2h"), {
    name: "TypeError",
    message: 'drain: expected a duration from "0s" to "1h", got "2h"',
  });
});
