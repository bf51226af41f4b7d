import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { badRequest, retryInfo } from "../core/error/details.ts";
import { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { AttemptError } from "../core/method/attempt-error.ts";
import { defineMethod } from "../core/method/method.ts";
import { anOperation } from "../testing/an-operation.ts";
import {
  type FailureFacts,
  failureOf,
  isAbortError,
  requestFailure,
  responseFailure,
  textOf,
} from "./failure.ts";

const method = defineMethod({ name: "createArchive", request: z.object({}), run: () => {} });
const facts: FailureFacts = {
  operation: anOperation({ state: "RUNNING", attempt: 2, failedAttempts: 1 }),
  method,
  domain: "archive.example.com",
  now: 1_000_000,
  fraction: 1,
};

/** Every access throws. */
const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error("get");
    },
    getPrototypeOf: () => {
      throw new Error("getPrototypeOf");
    },
    ownKeys: () => {
      throw new Error("ownKeys");
    },
  },
);

const judged = (retryDelayMs: number | null, exception: string | null = null) =>
  failureOf(new AttemptError("NOT_FOUND", "No.", { retryDelayMs, exception }), facts);

suite("failureOf()", () => {
  test("a StatusError on purpose is final and is sent unchanged", () => {
    const details = [badRequest({ fieldViolations: [{ field: "directory", description: "is a file" }] })];
    const thrown = new StatusError("INVALID_ARGUMENT", "Not a directory.", {
      reason: "NOT_A_DIRECTORY",
      details,
    });
    const failure = failureOf(Object.freeze(thrown), facts);
    assert.equal(failure.exception, null);
    assert.equal(failure.retryTime, null);
    assert.equal(failure.error.code, "INVALID_ARGUMENT");
    assert.equal(failure.error.message, "Not a directory.");
    assert.equal(failure.error.details[0]?.["reason"], "NOT_A_DIRECTORY");
    assert.equal(failure.error.details[0]?.["domain"], "archive.example.com");
    assert.deepEqual(failure.error.details[1], details[0]);
  });

  test("an AttemptError itself says whether and when another attempt follows, and what operators see", () => {
    const final = judged(null, "x".repeat(LIMITS.failureLengthMax + 1));
    assert.deepEqual([final.error.code, final.retryTime], ["NOT_FOUND", null]);
    assert.equal(final.exception?.length, LIMITS.failureLengthMax);
    assert.deepEqual([judged(null).exception, judged(0).retryTime], [null, 1_002_000]);
    assert.equal(judged(7_000).retryTime, 1_007_000);
  });

  test("a RetryInfo delays the next attempt, by a day at most, but makes nothing retryable", () => {
    const after = (retryDelay: unknown, code: "UNAVAILABLE" | "NOT_FOUND" = "UNAVAILABLE"): unknown =>
      failureOf(
        new StatusError(code, "Later.", { details: [retryInfo({ retryDelay } as { retryDelay: string })] }),
        facts,
      ).retryTime;
    const soonest = facts.now + 2_000;
    assert.equal(after("90s"), facts.now + 90_000);
    for (const none of ["0s", "1s", "soon", 5, null, "-90s"]) assert.equal(after(none), soonest);
    assert.equal(after("30d"), facts.now + LIMITS.retryInfoMsMax);
    assert.equal(after("90s", "NOT_FOUND"), null);
  });

  test("a StatusError with a retryable code is retried, and keeps its message for the last attempt", () => {
    const failure = failureOf(new StatusError("UNAVAILABLE", "The disk is asleep."), facts);
    assert.equal(failure.exception, null);
    assert.equal(failure.retryTime, 1_002_000);
    assert.equal(failure.error.message, "The disk is asleep.");
  });

  test("anything else is retried, and callers see nothing of its text", () => {
    const failure = failureOf(new Error("secret", { cause: new TypeError("deeper") }), facts);
    assert.equal(failure.retryTime, 1_002_000);
    assert.equal(failure.error.code, "INTERNAL");
    assert.doesNotMatch(JSON.stringify(failure.error), /secret|deeper/);
    assert.match(failure.error.message, /"createArchive".* 2 of 3 attempts/);
    assert.match(
      failure.exception ?? "",
      /^Error: secret\n\s+at [\s\S]+\nCaused by: TypeError: deeper\n\s+at /,
    );
  });

  for (const [name, thrown] of [
    ["undefined", undefined],
    ["null", null],
    ["a string", "text"],
    ["a symbol", Symbol("symbol")],
    ["a bigint", 7n],
    ["a function", () => {}],
    ["a frozen object", Object.freeze({ code: "NOT_FOUND" })],
    ["an object without a prototype", Object.create(null)],
    ["an object that throws at every touch", hostile],
    ["a StatusError with a code that does not exist", new StatusError("LOST" as never, "")],
    ["a StatusError with the code OK", new StatusError("OK" as never, "")],
  ] as const) {
    test(`${name} is a failure like any other`, () => {
      const failure = failureOf(thrown, facts);
      assert.equal(failure.error.code, "INTERNAL");
      assert.equal(typeof failure.exception, "string");
    });
  }

  test("a StatusError whose members throw is unexpected", () => {
    const thrown = new StatusError("NOT_FOUND", "");
    Object.defineProperty(thrown, "details", {
      get: () => {
        throw new Error("no");
      },
    });
    assert.equal(failureOf(thrown, facts).error.code, "INTERNAL");
  });

  test("a long message is cut, but not within a character", () => {
    const { error } = failureOf(new StatusError("NOT_FOUND", "😀".repeat(LIMITS.messageLengthMax)), facts);
    assert.ok(error.message.length <= LIMITS.messageLengthMax);
    assert.ok(error.message.isWellFormed());
  });

  test("details keep what JSON keeps; operators see what was left out, and where", () => {
    const at = { at: new Date(0) as never, description: "a\0b" };
    const kept = failureOf(
      new StatusError("ABORTED", "a\0b\uD800", { details: [badRequest({ fieldViolations: [at] })] }),
      facts,
    );
    assert.equal(kept.exception, null);
    assert.equal(kept.error.message, "a\0b\uFFFD");
    assert.deepEqual(kept.error.details[1]?.["fieldViolations"], [
      { at: "1970-01-01T00:00:00.000Z", description: "a\0b" },
    ]);
    for (const description of [Number.NaN as never, "\uDC00", new Map() as never]) {
      const lost = failureOf(
        new StatusError("ABORTED", "no", { details: [badRequest({ fieldViolations: [{ description }] })] }),
        facts,
      );
      assert.deepEqual([lost.error.code, lost.error.details.length], ["ABORTED", 1]);
      assert.match(lost.exception ?? "", /details were left out: \[1\]\.fieldViolations\[0\]\.description: /);
    }
    const untyped = failureOf(new StatusError("ABORTED", "no", { details: [{} as never] }), facts);
    assert.match(untyped.exception ?? "", /A detail without @type was left out/);
  });

  test("operators see the thrown error in text that every store can keep", () => {
    assert.match(failureOf(new Error("a\0b\uD800"), facts).exception ?? "", /a\uFFFDb\uFFFD/);
  });

  test("details that are too large or cannot be encoded are dropped, except the ErrorInfo", () => {
    for (const description of ["x".repeat(LIMITS.detailsBytesMax), 7n as never]) {
      const details = [badRequest({ fieldViolations: [{ description }] })];
      const { error } = failureOf(new StatusError("NOT_FOUND", "", { reason: "NO_DISK", details }), facts);
      assert.deepEqual(
        error.details.map((each) => [each["@type"].split(".").at(-1), each["reason"]]),
        [["ErrorInfo", "NO_DISK"]],
      );
    }
  });

  test("an ErrorInfo that is too large is replaced", () => {
    const metadata = { text: "x".repeat(LIMITS.detailsBytesMax) };
    const { error } = failureOf(new StatusError("NOT_FOUND", "", { reason: "NO_DISK", metadata }), facts);
    assert.equal(error.details[0]?.["reason"], "NOT_FOUND");
  });
});

suite("textOf()", () => {
  test("survives circular causes, and cuts", () => {
    const error = new Error("round");
    error.cause = error;
    assert.equal(textOf(error).match(/round/g)?.length, 1);
    assert.ok(textOf("x".repeat(100_000)).length <= LIMITS.failureLengthMax);
  });

  test("has a message that was changed after the stack was made", () => {
    const error = new Error("before");
    assert.match(error.stack ?? "", /before/);
    error.message = "after";
    assert.match(textOf(error), /^after\nError: before/);
  });
});

suite("other failures", () => {
  test("requestFailure() names the fields and is retried, for another version of the worker", () => {
    const failure = requestFailure([{ message: "is required", path: ["directory"] }], facts);
    assert.equal(failure.error.code, "INVALID_ARGUMENT");
    assert.match(JSON.stringify(failure.error.details), /BadRequest.*directory.*is required/);
    assert.equal(failure.retryTime, 1_002_000);
  });

  test("responseFailure() is final and its text is for operators", () => {
    const failure = responseFailure("path: expected a string", facts);
    assert.equal(failure.retryTime, null);
    assert.doesNotMatch(JSON.stringify(failure.error), /expected a string/);
    assert.match(failure.exception ?? "", /expected a string/);
  });

  test("isAbortError() recognises platform errors by name and tolerates other values", () => {
    assert.equal(isAbortError(new DOMException("", "AbortError")), true);
    assert.equal(isAbortError(new Error("AbortError")), false);
    assert.equal(isAbortError(undefined), false);
    assert.equal(isAbortError(hostile), false);
  });
});
