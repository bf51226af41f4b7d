import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeResults } from "./results.ts";

const ERROR_INFO = "type.googleapis.com/google.rpc.ErrorInfo";

test("decodeResults() reads operations, and errors with code, reason and metadata", () => {
  const details = [{ "@type": ERROR_INFO, reason: "PARALLEL_LIMIT_REACHED", metadata: { key: "k" } }];
  const [first, second] = decodeResults(
    {
      results: [{ operation: { name: "operations/a" } }, { error: { code: 10, message: "Later.", details } }],
    },
    2,
  );
  assert.equal(first?.operation?.name, "operations/a");
  const { code, reason, message, metadata } = second?.error ?? assert.fail();
  assert.deepEqual(
    { code, reason, message, metadata },
    { code: "ABORTED", reason: "PARALLEL_LIMIT_REACHED", message: "Later.", metadata: { key: "k" } },
  );
});

test("decodeResults() refuses invalid answers of another server", () => {
  const invalid = { code: "UNKNOWN", reason: "ANSWER_INVALID" };
  for (const json of [undefined, {}, { results: [] }, { results: [{}] }, { results: [7] }])
    assert.throws(() => decodeResults(json, 1), invalid, JSON.stringify(json));
});
