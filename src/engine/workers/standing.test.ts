import assert from "node:assert/strict";
import { test } from "node:test";
import type { AttemptEnd } from "../../core/operation/attempts.ts";
import { ATTEMPT_ENDS } from "../../core/operation/attempts.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { lostError, stands } from "./standing.ts";
import { struct } from "./workers.suite.ts";

const response = struct({ size: 1 });
const done = anOperation({ state: "SUCCEEDED", attempt: 2, response, endTime: 1 });

test("a repeated response of the same attempt is accepted if it is the same", () => {
  assert.equal(stands(done, 2, { verb: "complete", response }), true);
  assert.equal(stands(done, 1, { verb: "complete", response }), false);
  assert.equal(stands(done, 2, { verb: "complete", response: struct({ size: 2 }) }), false);
  assert.equal(stands(anOperation(), 0, { verb: "complete", response }), false);
});

test("a repeated failure or release is accepted if the record shows that end of the attempt", () => {
  const standing = (verb: "fail" | "release") =>
    ATTEMPT_ENDS.filter((how) => stands(ended(how), 2, { verb }));
  assert.deepEqual(standing("fail"), ["failed", "cancelled", "deadline"]);
  assert.deepEqual(standing("release"), ["released", "cancelled"]);
  assert.equal(stands(ended("failed"), 3, { verb: "fail" }), false);
});

test("an attempt is lost to a later attempt or to the end of its operation", () => {
  assert.equal(lostError(done, 1).reason, "OPERATION_DONE");
  assert.equal(lostError(anOperation({ attempt: 2 }), 1).reason, "ATTEMPT_LOST");
});

function ended(how: AttemptEnd): Operation {
  const attempt = { number: 2, worker: "w", beginTime: 1, endTime: 2, how, code: null, message: "" } as const;
  return anOperation({ attempt: 3, attempts: [attempt] });
}
