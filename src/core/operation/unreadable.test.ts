import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { type Payload, STRUCT } from "./payload.ts";
import { SEAL } from "./sealed.ts";
import { withoutUnreadable } from "./unreadable.ts";

const sealed: Payload = { type: STRUCT, json: `${SEAL}AQ` };
const open: Payload = { type: STRUCT, json: "{}" };
const attempt = { number: 1, worker: "w", beginTime: 1, endTime: 2, how: "failed", code: "ABORTED" } as const;

test("readable parts stay unchanged", () => {
  const operation = anOperation({ request: `${SEAL}AQ`, metadata: open, response: open });
  assert.equal(withoutUnreadable(operation, "d"), operation, "a request is not shown");
});

test("an unreadable operation keeps everything that is not encrypted, and has an error as its outcome", () => {
  const attempts = [{ ...attempt, message: `${SEAL}AQ` }];
  const running = anOperation({ state: "RUNNING", metadata: sealed, attempts });
  const shown = withoutUnreadable(running, "d");
  assert.deepEqual(shown, { ...running, metadata: null, attempts: [{ ...attempt, message: "" }] });
  const succeeded = anOperation({ state: "SUCCEEDED", metadata: open, response: sealed });
  const failed = anOperation({
    state: "FAILED",
    error: { code: "ABORTED", message: `${SEAL}AQ`, details: [] },
    exception: `${SEAL}AQ`,
  });
  for (const done of [succeeded, failed]) {
    const { error, ...others } = withoutUnreadable(done, "d");
    assert.deepEqual([error?.code, others.response, others.exception], ["UNAVAILABLE", null, null]);
    assert.match(
      JSON.stringify(error?.details),
      /"reason":"KEY_UNAVAILABLE".*"domain":"d"|"domain":"d".*"KEY_UNAVAILABLE"/,
    );
    assert.equal(others.state, done.state);
    assert.equal(others.metadata, done.metadata);
  }
});
