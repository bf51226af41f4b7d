import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../../core/invariant.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { bytesOf, prepare } from "./prepared.ts";

test("prepare() converts a command before it joins a batch, or refuses it", () => {
  const operation = anOperation({ request: '{"a":1}' });
  const { row, isRepeated } = prepare({ verb: "insert", operation });
  assert.deepEqual([row[1], row[5], isRepeated], [`"${operation.id}"`, String.raw`"{\"a\":1}"`, false]);
  assert.throws(
    () => prepare({ verb: "insert", operation: { ...operation, target: {} as unknown as string } }),
    InvariantError,
  );
  assert.throws(
    () => prepare({ verb: "renew", id: operation.id, attempt: 1, leaseMs: Number.NaN, metadata: null }),
    InvariantError,
  );
});

test("bytesOf() grows with the texts of a command", () => {
  const small = bytesOf(prepare({ verb: "insert", operation: anOperation() }));
  const large = bytesOf(prepare({ verb: "insert", operation: anOperation({ request: "x".repeat(5_000) }) }));
  assert.ok(large >= small + 4_900);
  const operation = anOperation({ caller: "" });
  const anybody = bytesOf(prepare({ verb: "insert", operation }));
  const somebody = bytesOf(prepare({ verb: "insert", operation: { ...operation, caller: "x".repeat(900) } }));
  assert.equal(somebody, anybody + 900);
  assert.equal(bytesOf(prepare({ verb: "purge", limit: 1 })), 0);
});
