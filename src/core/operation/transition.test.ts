import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { anOperation } from "../../testing/an-operation.ts";
import { isDone, type Operation } from "./operation.ts";
import { STRUCT } from "./payload.ts";
import { type Decision, type Event, ownFailure, transition } from "./transition.ts";

const T0 = Date.UTC(2026, 0, 1);
const response = { type: STRUCT, json: '{"path":"a"}' };
const error = ownFailure("HANDLER_FAILED", "It failed.", { domain: "longrunning" });

function next(decision: Decision): Operation {
  assert.ok(decision.next !== undefined, `expected a change, was refused as ${decision.refused}`);
  return decision.next;
}

function running(fields: Partial<Operation> = {}): Operation {
  const claim = { type: "claim", now: T0, worker: "w", leaseTime: T0 + 30_000 } as const;
  return { ...next(transition(anOperation(), claim)), ...fields };
}

const expire = (now: number): Event => ({ type: "expire", now, retryTime: now + 1_000 });

describe("transition() of an attempt", () => {
  it("claims a pending operation: attempt, lease, worker and start time are set", () => {
    const claimed = running();
    assert.equal(claimed.state, "RUNNING");
    assert.equal(claimed.attempt, 1);
    assert.equal(claimed.startTime, T0);
    assert.equal(claimed.leaseTime, T0 + 30_000);
    assert.equal(claimed.worker, "w");
    assert.equal(claimed.revision, 2);
  });

  it("does not claim before the operation is available, after its deadline, or while another runs it", () => {
    const claim = { type: "claim", now: T0, worker: "w", leaseTime: T0 + 1 } as const;
    assert.equal(transition(anOperation({ availableTime: T0 + 1 }), claim).refused, "early");
    assert.equal(transition(anOperation({ deadlineTime: T0 }), claim).refused, "early");
    assert.equal(transition(anOperation({ blocked: true, parallelKey: "k" }), claim).refused, "early");
    assert.equal(transition(running(), claim).refused, "lost");
  });

  it("unblocks a blocked operation, once, and changes nothing else", () => {
    const blocked = anOperation({ blocked: true, parallelKey: "k" });
    const unblocked = next(transition(blocked, { type: "unblock" }));
    assert.deepEqual(unblocked, { ...blocked, blocked: false, revision: 2 });
    assert.equal(transition(unblocked, { type: "unblock" }).refused, "unchanged");
    const ended = next(transition(blocked, { type: "cancel", now: T0 }));
    assert.equal(ended.blocked, true);
    assert.equal(transition(ended, { type: "unblock" }).refused, "done");
  });

  it("completes with a response, an end and an expiry", () => {
    const done = next(transition(running(), { type: "complete", now: T0 + 5, attempt: 1, response }));
    assert.equal(done.state, "SUCCEEDED");
    assert.deepEqual(done.response, response);
    assert.equal(done.endTime, T0 + 5);
    assert.equal(done.expireTime, T0 + 5 + done.timeToLiveMs);
    assert.equal(done.leaseTime, null);
  });

  it("refuses every event of an attempt that is not the current one as lost", () => {
    const second = running({ attempt: 2 });
    const events: Event[] = [
      { type: "renew", now: T0, attempt: 1, leaseTime: T0 + 1 },
      { type: "report", now: T0, attempt: 1, leaseTime: T0 + 1, metadata: response },
      { type: "complete", now: T0, attempt: 1, response },
      { type: "fail", now: T0, attempt: 1, error, exception: null, retryTime: null },
      { type: "release", now: T0, attempt: 1 },
    ];
    for (const event of events) assert.equal(transition(second, event).refused, "lost", event.type);
  });

  it("renews without a new revision, and not after the lease has expired", () => {
    const renewed = next(
      transition(running(), { type: "renew", now: T0 + 1, attempt: 1, leaseTime: T0 + 9_999_999 }),
    );
    assert.equal(renewed.revision, 2);
    assert.equal(renewed.leaseTime, T0 + 9_999_999);
    const late: Event = { type: "renew", now: T0 + 30_000, attempt: 1, leaseTime: T0 + 9_999_999 };
    assert.equal(transition(running(), late).refused, "lost");
  });

  it("accepts the outcome of an attempt with an expired lease as long as no other attempt has begun", () => {
    const done = next(transition(running(), { type: "complete", now: T0 + 99_999, attempt: 1, response }));
    assert.equal(done.state, "SUCCEEDED");
  });

  it("repeats a failed attempt until no attempts are left, then fails", () => {
    const fail = (attempt: number): Event => ({
      type: "fail",
      now: T0,
      attempt,
      error,
      exception: "boom",
      retryTime: T0 + 7,
    });
    const again = next(transition(running({ attemptsMax: 2 }), fail(1)));
    assert.equal(again.state, "PENDING");
    assert.equal(again.availableTime, T0 + 7);
    assert.equal(again.exception, "boom");
    const claimed = next(transition(again, { type: "claim", now: T0 + 7, worker: "v", leaseTime: T0 + 8 }));
    assert.equal(claimed.startTime, T0, "when it first began");
    const failed = next(transition(claimed, fail(2)));
    assert.equal(failed.state, "FAILED");
    assert.deepEqual(failed.error, error);
    assert.equal(failed.failedAttempts, 2);
  });

  it("keeps the last exception if a later attempt fails on purpose", () => {
    const again = { ...running({ attempt: 2, exception: "boom" }) };
    const fail = { type: "fail", now: T0, attempt: 2, error, exception: null, retryTime: null } as const;
    const failed = next(transition(again, fail));
    assert.equal(failed.exception, "boom");
    assert.equal(next(transition(again, { ...fail, exception: "bang" })).exception, "bang");
  });

  it("does not count a released attempt", () => {
    const released = next(transition(running(), { type: "release", now: T0 + 3, attempt: 1 }));
    assert.equal(released.state, "PENDING");
    assert.equal(released.failedAttempts, 0);
    assert.equal(released.attempt, 1);
    assert.equal(released.availableTime, T0 + 3);
  });

  it("counts an attempt whose worker vanished, once its lease has expired", () => {
    assert.equal(transition(running(), expire(T0 + 29_999)).refused, "early");
    const again = next(transition(running(), expire(T0 + 30_000)));
    assert.equal(again.failedAttempts, 1);
    const failed = next(transition(running({ failedAttempts: 2 }), expire(T0 + 30_000)));
    assert.equal(failed.error?.code, "INTERNAL");
    assert.equal(failed.error?.details[0]?.["reason"], "WORKER_LOST");
  });
});

describe("transition() of an attempt of a worker without the store", () => {
  const worker = "remote:w";
  const claimed = (operation: Operation, now = T0): Operation =>
    next(transition(operation, { type: "claim", now, worker, leaseTime: now + 10_000 }));

  it("does not count an attempt that its worker never renewed, up to three times", () => {
    let operation = anOperation();
    for (let times = 1; times <= 3; times++) {
      operation = next(transition(claimed(operation), expire(T0 + 10_000)));
      assert.deepEqual(
        [operation.state, operation.failedAttempts, operation.availableTime, operation.exception],
        ["PENDING", 0, T0 + 10_000, null],
      );
      assert.equal(operation.attempts.at(-1)?.how, "unconfirmed");
      operation = { ...operation, availableTime: T0 };
    }
    const lost = next(transition(claimed(operation), expire(T0 + 10_000)));
    assert.deepEqual([lost.failedAttempts, lost.attempts.at(-1)?.how], [1, "worker-lost"]);
  });

  it("counts an attempt that its worker renewed", () => {
    const renew = { type: "renew", now: T0 + 3_000, attempt: 1, leaseTime: T0 + 13_000 } as const;
    const renewed = next(transition(claimed(anOperation()), renew));
    const lost = next(transition(renewed, expire(T0 + 13_000)));
    assert.deepEqual([lost.failedAttempts, lost.attempts.at(-1)?.how], [1, "worker-lost"]);
  });

  it("ends if cancellation was requested meanwhile", () => {
    const asked = next(transition(claimed(anOperation()), { type: "cancel", now: T0 + 1 }));
    const ended = next(transition(asked, expire(T0 + 10_000)));
    assert.deepEqual([ended.state, ended.attempts.at(-1)?.how], ["CANCELLED", "cancelled"]);
  });
});

describe("transition() of a cancellation", () => {
  const cancel: Event = { type: "cancel", now: T0 + 1 };

  it("ends a pending operation at once with code CANCELLED", () => {
    const cancelled = next(transition(anOperation(), cancel));
    assert.equal(cancelled.state, "CANCELLED");
    assert.equal(cancelled.error?.code, "CANCELLED");
    assert.equal(cancelled.cancelTime, T0 + 1);
  });

  it("informs a running operation, and a second request changes nothing", () => {
    const asked = next(transition(running(), cancel));
    assert.equal(asked.state, "RUNNING");
    assert.equal(asked.cancelTime, T0 + 1);
    assert.equal(transition(asked, cancel).refused, "unchanged");
  });

  it("keeps the result of a handler that finishes anyway", () => {
    const asked = next(transition(running(), cancel));
    assert.equal(
      next(transition(asked, { type: "complete", now: T0 + 2, attempt: 1, response })).state,
      "SUCCEEDED",
    );
  });

  it("ends as CANCELLED if the handler stopped, was released, or its worker vanished", () => {
    const asked = next(transition(running(), cancel));
    const stops: Event[] = [
      { type: "fail", now: T0 + 2, attempt: 1, error, exception: "AbortError", retryTime: T0 + 9 },
      { type: "fail", now: T0 + 2, attempt: 1, error, exception: null, retryTime: T0 + 9 },
      { type: "release", now: T0 + 2, attempt: 1 },
      { type: "expire", now: T0 + 30_000, retryTime: T0 + 40_000 },
    ];
    for (const event of stops) assert.equal(next(transition(asked, event)).state, "CANCELLED", event.type);
  });

  it("keeps an error that the handler threw on purpose and that is final", () => {
    const asked = next(transition(running(), cancel));
    const own = { code: "FAILED_PRECONDITION", message: "Disk is read-only.", details: [] } as const;
    const failed = transition(asked, {
      type: "fail",
      now: T0 + 2,
      attempt: 1,
      error: own,
      exception: null,
      retryTime: null,
    });
    assert.equal(next(failed).state, "FAILED");
    assert.equal(next(failed).error?.code, "FAILED_PRECONDITION");
  });

  it("lets a handler end its operation as cancelled by throwing CANCELLED", () => {
    const own = { code: "CANCELLED", message: "Superseded.", details: [] } as const;
    const ended = transition(running(), {
      type: "fail",
      now: T0,
      attempt: 1,
      error: own,
      exception: null,
      retryTime: null,
    });
    assert.equal(next(ended).state, "CANCELLED");
  });
});

describe("transition() of a deadline", () => {
  it("fails a pending and a running operation with DEADLINE_EXCEEDED, and not early", () => {
    for (const operation of [anOperation({ deadlineTime: T0 + 10 }), running({ deadlineTime: T0 + 10 })]) {
      assert.equal(transition(operation, { type: "deadline", now: T0 + 9 }).refused, "early");
      const failed = next(transition(operation, { type: "deadline", now: T0 + 10 }));
      assert.equal(failed.state, "FAILED");
      assert.equal(failed.error?.code, "DEADLINE_EXCEEDED");
    }
  });
});

const anEvent: fc.Arbitrary<Event> = fc
  .record({
    type: fc.constantFrom(
      "claim",
      "renew",
      "report",
      "complete",
      "fail",
      "release",
      "expire",
      "cancel",
      "deadline" as const,
    ),
    now: fc.integer({ min: T0, max: T0 + 100 }),
    attempt: fc.integer({ min: 0, max: 4 }),
    worker: fc.constantFrom("v", "w"),
    leaseTime: fc.integer({ min: T0, max: T0 + 200 }),
    retryTime: fc.option(fc.integer({ min: T0, max: T0 + 200 })),
    exception: fc.option(fc.constant("boom")),
  })
  .map((fields) => ({ ...fields, retryTime: fields.retryTime ?? T0, error, response, metadata: response }));

describe("transition() on any sequence of events", () => {
  it("never leaves a final state, never lowers attempt or revision, and keeps the invariants of a record", () => {
    const deadline = fc.option(fc.integer({ min: T0, max: T0 + 100 }));
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 30 }), deadline, (events, deadlineTime) => {
        let operation = anOperation({ deadlineTime, attemptsMax: 3 });
        for (const event of events) {
          const decision = transition(operation, event);
          if (isDone(operation)) assert.equal(decision.refused, "done");
          if (decision.next === undefined) continue;
          const moved = event.type === "renew" ? 0 : 1;
          assert.equal(decision.next.revision, operation.revision + moved);
          assert.ok(decision.next.attempt >= operation.attempt);
          assert.ok(decision.next.failedAttempts <= decision.next.attempt);
          operation = decision.next;
          const { state } = operation;
          assert.equal(operation.endTime !== null, ["SUCCEEDED", "FAILED", "CANCELLED"].includes(state));
          assert.equal(operation.expireTime !== null, isDone(operation));
          assert.equal(operation.response !== null, state === "SUCCEEDED");
          assert.equal(operation.error !== null, state === "FAILED" || state === "CANCELLED");
          assert.equal(operation.leaseTime !== null && operation.worker !== null, state === "RUNNING");
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
