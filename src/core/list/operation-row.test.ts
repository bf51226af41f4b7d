import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { LIMITS } from "../limits.ts";
import { STRUCT } from "../operation/payload.ts";
import { rowOf } from "./operation-row.ts";

const metadataOf = (reported: object): { readonly type: string; readonly json: string } => ({
  type: STRUCT,
  json: JSON.stringify(reported),
});

test("a row has nothing of the payloads but progress, and its size is bounded", () => {
  const reported = {
    first: { progressPercent: 1 },
    progressPercent: 0,
    statusMessage: ` Copies\n${"x".repeat(999)}`,
  };
  const row = rowOf(anOperation({ metadata: metadataOf(reported), request: '{"secret":1}', worker: "w" }));
  assert.deepEqual([row.progressPercent, row.message, row.worker], [0, "Copies", "w"]);
  assert.doesNotMatch(JSON.stringify(row), /secret|xxx/);
  const long = rowOf(anOperation({ metadata: metadataOf({ statusMessage: "x".repeat(999) }) }));
  assert.equal(long.message.length, LIMITS.rowMessageLengthMax);
});

test("a row shows progress only if it is a number and a text", () => {
  const row = rowOf(
    anOperation({ metadata: metadataOf({ progressPercent: "50", statusMessage: { a: 1 } }) }),
  );
  assert.deepEqual([row.progressPercent, row.message], [null, ""]);
  for (const percent of [-1, 101]) {
    const odd = rowOf(anOperation({ metadata: metadataOf({ progressPercent: percent }) }));
    assert.equal(odd.progressPercent, null);
  }
  const none = rowOf(anOperation());
  assert.deepEqual([none.progressPercent, none.message, none.errorCode, none.worker], [null, "", null, null]);
});

test("the error of a row takes precedence over the handler's last report", () => {
  const error = { code: "ABORTED", message: "No room.", details: [] } as const;
  const metadata = metadataOf({ progressPercent: 40, statusMessage: "Copies" });
  const row = rowOf(anOperation({ error, metadata, lastWorker: "w", cancelTime: 5 }));
  assert.deepEqual([row.message, row.errorCode, row.progressPercent], ["No room.", "ABORTED", 40]);
  assert.deepEqual([row.worker, row.cancelRequested], ["w", true]);
});

test("a failure is shown by its exception, which says more than callers see; other operations show none", () => {
  const error = { code: "INTERNAL", message: "The handler failed unexpectedly.", details: [] } as const;
  const fields = { error, exception: " TypeError: no total\n    at run (a.ts:1:2)" };
  assert.equal(rowOf(anOperation({ ...fields, state: "FAILED" })).message, "TypeError: no total");
  const { message } = rowOf(anOperation({ ...fields, state: "FAILED", exception: null }));
  assert.equal(message, "The handler failed unexpectedly.");
  assert.equal(rowOf(anOperation({ ...fields, state: "CANCELLED" })).message, error.message);
  const large = { ...fields, exception: "x".repeat(9_999), state: "FAILED" } as const;
  assert.equal(rowOf(anOperation(large)).message.length, LIMITS.rowMessageLengthMax);
});

test("a row is blocked while its operation waits, but not once it was cancelled", () => {
  const waits = { blocked: true, parallelKey: "k" };
  assert.equal(rowOf(anOperation(waits)).blocked, true);
  assert.equal(rowOf(anOperation({ ...waits, state: "CANCELLED", endTime: 1 })).blocked, false);
});

test("only the beginning of large metadata is searched, because stores read no more", () => {
  const before = { rest: "x".repeat(LIMITS.rowTextMax) };
  assert.equal(
    rowOf(anOperation({ metadata: metadataOf({ ...before, progressPercent: 5 }) })).progressPercent,
    null,
  );
  assert.equal(
    rowOf(anOperation({ metadata: metadataOf({ progressPercent: 5, ...before }) })).progressPercent,
    5,
  );
});
