import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { shardOf } from "../../core/operation/id.ts";
import { InvariantError } from "../../core/invariant.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { anyRecord } from "../suite/records.suite.ts";
import { changeOf } from "../cells.ts";
import { toChange, toInsertRow, toOperation, toReplaceRow } from "./row.ts";
import { COLUMNS, REPLACE } from "./statements.ts";
import { INSERT } from "./statements-insert.ts";

/** The value of a column for a record. */
function cellOf(operation: Operation, column: string): unknown {
  switch (column) {
    case "shard":
      return shardOf(operation.id);
    case "metadata":
    case "response":
      return operation[column]?.json ?? null;
    case "metadata_type":
      return operation.metadata?.type ?? null;
    case "response_type":
      return operation.response?.type ?? null;
    case "error":
      return operation.error === null ? null : JSON.stringify(operation.error);
    case "attempt_time":
      return operation.attempt === 1 ? null : operation.attemptTime;
    case "attempts":
      return operation.attempts.length === 0 ? null : JSON.stringify(operation.attempts);
    default:
      return operation[
        column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase()) as keyof Operation
      ];
  }
}

/** The columns of the batch's rows in a statement. */
function columnsIn(statement: string): readonly string[] {
  return /\bas d \(([^)]*)\)/.exec(statement)?.[1]?.split(/,\s*/) ?? assert.fail("no rows of a batch");
}

test("toOperation() reads a row in the order of the columns", () => {
  fc.assert(
    fc.property(anyRecord(1_000_000), (operation) => {
      const row = COLUMNS.split(/,\s*/).map((column) => cellOf(operation, column));
      assert.deepEqual(toOperation(row), operation);
    }),
  );
});

test("toInsertRow() writes in the order in which the statement names them", () => {
  const operation = anOperation({ requestId: "r", target: "t", parent: "p", worker: "w", leaseTime: 7 });
  const expected = columnsIn(INSERT).map((column) =>
    column === "blocked" ? true : cellOf(operation, column),
  );
  assert.deepEqual(toInsertRow(operation, true), expected);
});

test("toReplaceRow() writes the compared values first, then the columns in the order of the statement", () => {
  fc.assert(
    fc.property(anyRecord(1_000_000), (next) => {
      const compared: Readonly<Record<string, number>> = { expected_revision: 41, expected_lease_time: 42 };
      const expected = columnsIn(REPLACE).map((column) => compared[column] ?? cellOf(next, column));
      const command = { verb: "replace", next, expectedRevision: 41 } as const;
      assert.deepEqual(toReplaceRow({ ...command, expectedLeaseTime: 42 }), expected);
      assert.equal(toReplaceRow(command)[3], null);
    }),
  );
});

test("toChange() returns for a row the same as changeOf() for its record", () => {
  const operation = anOperation({ cancelTime: 5 });
  const { id, parent, method, state, availableTime } = operation;
  assert.deepEqual(toChange([id, method, state, availableTime, 5, parent], false), changeOf(operation));
  assert.deepEqual(toChange([id, method, state, availableTime, null, parent], true), {
    ...changeOf(operation),
    state: null,
    cancelRequested: false,
  });
});

test("a state that the program does not know is a bug, not a default", () => {
  assert.throws(() => toChange(["a", "m", "PAUSED", 0, null], false), InvariantError);
});
