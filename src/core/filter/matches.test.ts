import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import type { Operation } from "../operation/operation.ts";
import { EMPTY, STRUCT } from "../operation/payload.ts";
import { transition } from "../operation/transition.ts";
import { compileFilter } from "./check.ts";
import { matches, payloadTerms } from "./matches.ts";

const createTime = Date.UTC(2026, 0, 1);
const pending = anOperation({ parent: "projects/p", createTime });
const running = after(anOperation({ parent: "projects/p", target: "directories/d", createTime }), {
  type: "claim",
  now: createTime + 1_000,
  worker: "w",
  leaseTime: createTime + 60_000,
});
const reporting: Operation = {
  ...running,
  metadata: {
    type: STRUCT,
    json: '{"progressPercent":40.5,"currentFile":"src/a b.ts","file":{"size_bytes":"12345","hidden":false},"tags":["red","blue"],"took":"12s"}',
  },
};
const succeeded = after(reporting, {
  type: "complete",
  now: createTime + 5_000,
  attempt: 1,
  response: { type: STRUCT, json: '{"path":"/tmp/a.tar","parts":[{"sha":"aa"},{"sha":"bb"}]}' },
});
const emptied = after(running, { type: "complete", now: createTime + 5_000, attempt: 1, response: EMPTY });
const failed = after(running, {
  type: "fail",
  now: createTime + 7_000,
  attempt: 1,
  error: {
    code: "NOT_FOUND",
    message: "No such directory.",
    details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "GONE", domain: "d" }],
  },
  exception: null,
  retryTime: null,
});

function after(operation: Operation, event: Parameters<typeof transition>[1]): Operation {
  const { next } = transition(operation, event);
  assert.ok(next);
  return next;
}

const ALL = { pending, running, reporting, succeeded, emptied, failed };
type Sample = keyof typeof ALL;
const EVERY = Object.keys(ALL) as Sample[];
const except = (...without: Sample[]): Sample[] => EVERY.filter((each) => !without.includes(each));

/** The samples that each filter finds. */
const CASES: readonly (readonly [filter: string, found: readonly Sample[]])[] = [
  ["done=true", ["succeeded", "emptied", "failed"]],
  ["done = false", ["pending", "running", "reporting"]],
  ["NOT done=true", ["pending", "running", "reporting"]],
  ["done != true", ["pending", "running", "reporting"]],
  ["done:*", EVERY],
  [`name = "projects/p/operations/${pending.id}"`, ["pending"]],
  ["name = projects/p/*", EVERY],
  [`name:${failed.id.slice(-6)}`, except("pending")],
  ["name:projects/q", []],
  ["error:*", ["failed"]],
  ["NOT error:*", except("failed")],
  ["error.code = 5", ["failed"]],
  ["error.code = NOT_FOUND", ["failed"]],
  ["error.code > 5", []],
  ["error.code != 4", ["failed"]],
  ['error.message = "No such*"', ["failed"]],
  ["error.message:directory", ["failed"]],
  ["error.details.reason:GONE", ["failed"]],
  ["error.details.@type:ErrorInfo", ["failed"]],
  ["error.details.reason:OTHER", []],
  ["error.details:*", ["failed"]],
  ["response:*", ["succeeded", "emptied"]],
  ["response:path", ["succeeded"]],
  ['response.path = "/tmp/*"', ["succeeded"]],
  ["response.path != x", ["succeeded"]],
  ["response.parts.sha:bb", ["succeeded"]],
  ["response.@type:Empty", ["emptied"]],
  ["response.value.path:tar", ["succeeded"]],
  ["metadata.verb=createArchive", EVERY],
  ["metadata.verb = create*", EVERY],
  ["metadata.target:directories", except("pending")],
  ["metadata.target != directories/e", except("pending")],
  ["metadata.target:*", except("pending")],
  ["metadata.state=SUCCEEDED", ["succeeded", "emptied"]],
  ["metadata.state:(FAILED OR PENDING)", ["failed", "pending"]],
  ["metadata.state != RUNNING", except("running", "reporting")],
  ["metadata.state:*", EVERY],
  ['metadata.create_time >= "2026-01-01T00:00:00Z"', EVERY],
  ["metadata.createTime > 2026-01-01T00:00:00Z", []],
  ["metadata.createTime = 2026-01-01T01:00:00+01:00", EVERY],
  ["metadata.endTime < 2026-01-01T00:00:06Z", ["succeeded", "emptied"]],
  ["metadata.endTime != 2026-01-01T00:00:05Z", ["failed"]],
  ["metadata.endTime:*", ["succeeded", "emptied", "failed"]],
  ["NOT metadata.endTime:*", ["pending", "running", "reporting"]],
  ["metadata.attempt >= 1", except("pending")],
  ["metadata.requestedCancellation = false", EVERY],
  ["metadata.progressPercent > 40", ["reporting", "succeeded"]],
  ["metadata.progress_percent = 4.05e1", ["reporting", "succeeded"]],
  ["metadata.progressPercent > forty", []],
  ["metadata.progressPercent != 40.5", []],
  ["metadata.file.sizeBytes > 9999", ["reporting", "succeeded"]],
  ["metadata.file.hidden = false", ["reporting", "succeeded"]],
  ["metadata.file:hidden", ["reporting", "succeeded"]],
  ["metadata.file = x", []],
  ["metadata.tags:red", ["reporting", "succeeded"]],
  ["metadata.tags:re", []],
  ["metadata.took > 2s", ["reporting", "succeeded"]],
  ["metadata.nothing.at.all != 1", []],
  ["metadata:currentFile", ["reporting", "succeeded"]],
  ["metadata:end_time", ["succeeded", "emptied", "failed"]],
  ["metadata:*", EVERY],
  ["metadata.@type:Struct", EVERY],
  ["metadata.value.verb = createArchive", EVERY],
  ["metadata.value.createTime = 2026-01-01T00:00:00Z", EVERY],
  ["metadata.value.progressPercent > 40", ["reporting", "succeeded"]],
  ['"a b.ts"', ["reporting", "succeeded"]],
  ["directory", ["failed"]],
  ["createArchive -FAILED", except("failed")],
  ["tar OR directory", ["succeeded", "failed"]],
  ["done=true AND metadata.state=FAILED OR response:path", ["succeeded", "failed"]],
  ["nowhere", []],
];

describe("matches()", () => {
  for (const [filter, found] of CASES) {
    it(`${filter} finds ${found.length === 0 ? "nothing" : found.join(", ")}`, () => {
      const compiled = compileFilter(filter);
      assert.ok(compiled);
      const got = EVERY.filter((name) => matches(compiled, ALL[name]));
      assert.deepEqual(
        got,
        EVERY.filter((name) => found.includes(name)),
      );
    });
  }
});

describe("payloadTerms()", () => {
  it("counts the terms that read payloads", () => {
    const compiled = compileFilter(
      "done=true a metadata.x=1 OR NOT response:y metadata.state=FAILED error.code=5",
    );
    assert.ok(compiled);
    assert.equal(payloadTerms(compiled), 3);
  });
});
