import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { anOperation } from "../../testing/an-operation.ts";
import { LIMITS } from "../limits.ts";
import { attemptsKnownFrom, attemptsOf } from "./attempts.ts";
import type { Operation } from "./operation.ts";
import { STRUCT } from "./payload.ts";
import { type Event, ownFailure, transition } from "./transition.ts";

const T0 = Date.UTC(2026, 0, 1);
const response = { type: STRUCT, json: "{}" };
const unavailable = { code: "UNAVAILABLE", message: "The disk is away.", details: [] } as const;
const late = ownFailure("DEADLINE_PASSED", "Too late.", { domain: "d" });

/** The operation after a series of legal events. */
function after(operation: Operation, ...events: readonly Event[]): Operation {
  return events.reduce((before, event) => {
    const { next, refused } = transition(before, event);
    assert.ok(next !== undefined, `${event.type} is refused as ${refused}`);
    return next;
  }, operation);
}

const claim = (number: number): Event => ({
  type: "claim",
  now: T0 + 100 * number,
  worker: `w${number}`,
  leaseTime: T0 + 100 * number + 50,
});

const fail = (attempt: number, fields: Partial<Extract<Event, { type: "fail" }>> = {}): Event => ({
  type: "fail",
  now: T0 + 100 * attempt + 10,
  attempt,
  error: unavailable,
  exception: null,
  retryTime: T0,
  ...fields,
});

const running = (fields: Partial<Operation> = {}): Operation =>
  after(anOperation({ attemptsMax: 99, ...fields }), claim(1));

describe("the stored attempts", () => {
  it("have only the start and the worker, for an operation that succeeds at once", () => {
    const done = after(running(), { type: "complete", now: T0 + 130, attempt: 1, response });
    assert.deepEqual(done.attempts, []);
    assert.equal(done.attemptTime, T0 + 100);
    assert.equal(done.lastWorker, "w1");
    assert.equal(done.worker, null);
    const succeeded = { number: 1, worker: "w1", beginTime: T0 + 100, endTime: T0 + 130, how: "succeeded" };
    assert.deepEqual(attemptsOf(done), [{ ...succeeded, code: null, message: "" }]);
    assert.equal(attemptsKnownFrom(done), 1);
  });

  it("have worker, times and outcome, for each that did not succeed", () => {
    const done = after(running(), fail(1, { exception: "TypeError: no disk\n    at run" }), claim(2), {
      type: "complete",
      now: T0 + 230,
      attempt: 2,
      response,
    });
    const first = { number: 1, worker: "w1", beginTime: T0 + 100, endTime: T0 + 110, how: "failed" };
    assert.deepEqual(done.attempts, [{ ...first, code: "UNAVAILABLE", message: "TypeError: no disk" }]);
    assert.deepEqual(
      attemptsOf(done).map(({ number, worker, how }) => `${number} ${worker} ${how}`),
      ["1 w1 failed", "2 w2 succeeded"],
    );
  });

  it("distinguish all outcomes", () => {
    const asked: Event = { type: "cancel", now: T0 + 101 };
    const expire: Event = { type: "expire", now: T0 + 150, retryTime: T0 };
    const ends: Readonly<Record<string, Operation>> = {
      "failed UNAVAILABLE The disk is away.": after(running(), fail(1)),
      "failed UNAVAILABLE Error: boom": after(running(), fail(1, { exception: "Error: boom" })),
      "worker-lost INTERNAL The lease of attempt 1 by w1 expired.": after(running(), expire),
      "released null ": after(running(), { type: "release", now: T0 + 110, attempt: 1 }),
      "cancelled null ": after(running(), asked, { type: "release", now: T0 + 110, attempt: 1 }),
      "cancelled UNAVAILABLE AbortError": after(running(), asked, fail(1, { exception: "AbortError" })),
      "cancelled CANCELLED Stopped.": after(
        running(),
        fail(1, { error: { ...unavailable, code: "CANCELLED", message: "Stopped." }, retryTime: null }),
      ),
      "deadline DEADLINE_EXCEEDED Too late.": after(running(), fail(1, { error: late, retryTime: null })),
      "deadline DEADLINE_EXCEEDED The operation did not end before its deadline.": after(
        running({ deadlineTime: T0 + 140 }),
        { type: "deadline", now: T0 + 140 },
      ),
    };
    for (const [told, { attempts, lastWorker, worker }] of Object.entries(ends)) {
      const [attempt, ...more] = attempts;
      assert.deepEqual(more, []);
      assert.equal(`${attempt?.how} ${attempt?.code} ${attempt?.message}`, told);
      assert.deepEqual([attempt?.number, attempt?.worker, attempt?.beginTime], [1, "w1", T0 + 100]);
      assert.deepEqual([lastWorker, worker], ["w1", null]);
    }
    const lost = after(running(), asked, expire);
    assert.equal(lost.state, "CANCELLED");
    assert.equal(lost.attempts[0]?.how, "worker-lost", "whatever was asked, its worker vanished");
    const onPurpose = after(running(), asked, fail(1, { retryTime: null }));
    assert.equal(onPurpose.attempts[0]?.how, "failed", "it said why, and for good");
  });

  it("contain no attempt if the operation never ran", () => {
    const waiting = anOperation({ deadlineTime: T0 + 5 });
    const ended = [
      after(waiting, { type: "cancel", now: T0 }),
      after(waiting, { type: "deadline", now: T0 + 5 }),
    ];
    for (const each of ended) {
      assert.deepEqual([each.attempts, each.lastWorker, each.attemptTime], [[], null, null]);
      assert.equal(attemptsKnownFrom(each), 1);
    }
    const retried = after(running(), fail(1), { type: "cancel", now: T0 + 120 });
    assert.equal(retried.attempts.length, 1);
    assert.equal(retried.lastWorker, "w1");
  });

  it("have messages of one line, never cut within a character", () => {
    const [long] = after(running(), fail(1, { exception: `\n ${"😀".repeat(300)}\nat` })).attempts;
    assert.equal(long?.message.length, LIMITS.attemptMessageLengthMax);
    assert.ok(long?.message.isWellFormed() && long.message.endsWith("😀 …"));
    const just = "x".repeat(LIMITS.attemptMessageLengthMax);
    assert.equal(after(running(), fail(1, { exception: just })).attempts[0]?.message, just);
  });

  it("say from which attempt on they are known, for attempts from before they were stored", () => {
    const third = { ...running(), attemptTime: null, attempt: 3, failedAttempts: 2 };
    assert.equal(attemptsKnownFrom(third), 3);
    const failed = after(third, fail(3, { retryTime: null }));
    assert.equal(failed.attempts[0]?.beginTime, null);
    assert.equal(attemptsKnownFrom(failed), 3);
    assert.equal(attemptsKnownFrom({ ...failed, attempts: [] }), 4, "ended before the upgrade");
  });
});

const anEnd = fc.constantFrom("fail", "expire", "release" as const);

describe("the stored attempts of any number", () => {
  it("are the newest, in order, each with its actual start and end", () => {
    fc.assert(
      fc.property(fc.array(anEnd, { maxLength: 40 }), (ends) => {
        let operation = anOperation({ attemptsMax: 99 });
        for (const [index, type] of ends.entries()) {
          const number = index + 1;
          const claimed = after(operation, claim(number));
          assert.equal(claimed.attemptTime, T0 + 100 * number);
          assert.deepEqual(claimed.attempts, operation.attempts, "a claim ends nothing");
          const now = T0 + 100 * number + 50;
          const end =
            type === "fail" ? fail(number, { now }) : { type, now, attempt: number, retryTime: now };
          operation = after(claimed, end);
          assert.deepEqual(operation.attempts.slice(0, -1), claimed.attempts.slice(-LIMITS.attemptsKept + 1));
          const last = operation.attempts.at(-1);
          assert.deepEqual(
            [last?.number, last?.worker, last?.beginTime, last?.endTime],
            [number, `w${number}`, T0 + 100 * number, now],
          );
        }
        const kept = Math.min(ends.length, LIMITS.attemptsKept);
        assert.equal(operation.attempts.length, kept);
        assert.equal(attemptsKnownFrom(operation), ends.length - kept + 1);
      }),
      { numRuns: 300 },
    );
  });
});
