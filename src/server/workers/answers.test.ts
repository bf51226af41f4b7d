import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { badRequest, errorInfo } from "../../core/error/details.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { fittingAnswers } from "./answers.ts";

const info = errorInfo({ reason: "CLAIM_INVALID", domain: "d" });
const large: Failure = {
  code: "INVALID_ARGUMENT",
  message: "m".repeat(LIMITS.messageLengthMax),
  details: [info, badRequest({ fieldViolations: [{ description: "x".repeat(20_000) }] })],
};

suite("fittingAnswers()", () => {
  test("leaves out the details of errors beyond the size of an answer, but never code and reason", () => {
    const answers = fittingAnswers(Array.from({ length: 1_000 }, () => ({ error: large, state: "" })));
    assert.deepEqual(answers[0]?.error, large);
    const last = answers.at(-1)?.error;
    assert.deepEqual([last?.code, last?.details, last?.message.length], ["INVALID_ARGUMENT", [info], 256]);
    assert.ok(JSON.stringify(answers).length < 2 * LIMITS.remoteErrorsTextMax);
  });

  test("leaves answers without errors, and short messages, unchanged", () => {
    const short = { code: "ABORTED", message: "lost", details: [] } as const;
    const given = [
      { error: undefined },
      ...Array.from({ length: 40 }, () => ({ error: large })),
      { error: short },
    ];
    const answers = fittingAnswers(given);
    assert.equal(answers[0], given[0]);
    assert.deepEqual(answers.at(-1), { error: short });
  });
});
