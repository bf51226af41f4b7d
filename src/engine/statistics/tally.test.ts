import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import { EMPTY } from "../../core/operation/payload.ts";
import { type Event, ownFailure, transition } from "../../core/operation/transition.ts";
import type { MethodCounts } from "../../core/statistics/counts.ts";
import { bucketOf } from "../../core/statistics/histogram.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { OTHER, Tally } from "./tally.ts";

const NOON = Date.UTC(2026, 0, 1, 12);
const HOUR = 3_600_000;

function changed(before: Operation, event: Event): Operation {
  const { next } = transition(before, event);
  assert.ok(next !== undefined, `${event.type} of ${before.state}`);
  return next;
}

const claimOf = (operation: Operation, now: number): Operation =>
  changed(operation, { type: "claim", now, worker: "w", leaseTime: now + 1 });

/** Changes a record and passes the change to the tally. */
function step(tally: Tally, before: Operation, event: Event): Operation {
  const next = changed(before, event);
  if (event.type === "claim") tally.claimed(next);
  else tally.changed(before, next);
  return next;
}

const failure = (message: string, exception: string | null = null) => ({
  error: { code: "INTERNAL", message, details: [] } as const,
  exception,
});

/** A failed operation. */
function failed(tally: Tally, now: number, message: string, method = "m"): Operation {
  const running = claimOf(anOperation({ method, availableTime: now }), now);
  return step(tally, running, { type: "fail", now, attempt: 1, retryTime: null, ...failure(message) });
}

const countsOf = (tally: Tally, method = "m"): MethodCounts | undefined => tally.take().methods.get(method);

test("a tally counts starts, first attempts and ends with their durations, and begins again when it is taken", () => {
  const tally = new Tally();
  const operation = anOperation({ method: "m", availableTime: NOON });
  tally.started(operation);
  const running = step(tally, operation, {
    type: "claim",
    now: NOON + 50,
    worker: "w",
    leaseTime: NOON + 99,
  });
  const retried = step(tally, running, {
    type: "fail",
    now: NOON + 60,
    attempt: 1,
    retryTime: NOON + 1_000,
    ...failure("no"),
  });
  const again = step(tally, retried, {
    type: "claim",
    now: NOON + 2_000,
    worker: "w",
    leaseTime: NOON + 2_001,
  });
  const lost = step(tally, again, { type: "expire", now: NOON + 3_000, retryTime: NOON + 3_000 });
  const last = step(tally, lost, { type: "claim", now: NOON + 4_000, worker: "w", leaseTime: NOON + 9_999 });
  step(tally, last, { type: "complete", now: NOON + 4_700, attempt: 3, response: EMPTY });
  assert.deepEqual(countsOf(tally), {
    started: 1,
    began: 1,
    succeeded: 1,
    failed: 0,
    cancelled: 0,
    retried: 1,
    workerLost: 1,
    begin: new Map([[bucketOf(50), 1]]),
    run: new Map([[bucketOf(700), 1]]),
  });
  assert.deepEqual(tally.take(), { methods: new Map(), failures: [] });
});

test("an operation that is stored as claimed has begun at once, and one that ends without an attempt has not", () => {
  const tally = new Tally();
  tally.started(claimOf(anOperation({ method: "m", availableTime: NOON }), NOON));
  const pending = anOperation({ method: "m", deadlineTime: NOON });
  tally.started(pending);
  step(tally, pending, { type: "cancel", now: NOON });
  step(tally, pending, { type: "deadline", now: NOON });
  const counts = countsOf(tally);
  assert.deepEqual([counts?.started, counts?.began, counts?.cancelled, counts?.failed], [2, 1, 1, 1]);
  assert.deepEqual(counts?.run, new Map());
});

test("changes that end nothing count nothing", () => {
  const tally = new Tally();
  const running = claimOf(anOperation({ method: "m", availableTime: NOON }), NOON);
  step(tally, running, { type: "cancel", now: NOON });
  step(tally, running, { type: "report", now: NOON, attempt: 1, leaseTime: NOON + 1, metadata: EMPTY });
  assert.equal(tally.take().methods.size, 0);
  step(tally, running, { type: "release", now: NOON, attempt: 1 });
  assert.equal(countsOf(tally)?.retried ?? 0, 0);
});

test("the counts of any history of an operation match its events", () => {
  const moves = fc.constantFrom(
    "claim",
    "complete",
    "fail",
    "last",
    "release",
    "expire",
    "cancel",
    "deadline",
  );
  fc.assert(
    fc.property(fc.array(fc.array(moves, { maxLength: 12 }), { maxLength: 12 }), (courses) => {
      const tally = new Tally();
      const truth = { started: 0, began: 0, ended: 0, retried: 0, workerLost: 0 };
      for (const course of courses) {
        let now = NOON;
        let operation = anOperation({
          method: "m",
          availableTime: now,
          deadlineTime: NOON + 10,
          attemptsMax: 3,
        });
        tally.started(operation);
        truth.started++;
        for (const move of course) {
          now += 2;
          const event = eventOf(move, operation, now);
          const { next } = transition(operation, event);
          if (next === undefined) continue;
          if (event.type === "claim") {
            tally.claimed(next);
            if (next.attempt === 1) truth.began++;
          } else tally.changed(operation, next);
          if (event.type === "expire") truth.workerLost++;
          if (event.type === "fail" && !isDone(next)) truth.retried++;
          if (isDone(next)) truth.ended++;
          operation = next;
        }
      }
      const counts = countsOf(tally);
      const ended = (counts?.succeeded ?? 0) + (counts?.failed ?? 0) + (counts?.cancelled ?? 0);
      const { started = 0, began = 0, retried = 0, workerLost = 0 } = counts ?? {};
      assert.deepEqual({ started, began, ended, retried, workerLost }, truth);
    }),
  );
});

function eventOf(move: string, { attempt }: Operation, now: number): Event {
  const error = ownFailure("HANDLER_FAILED", "no", { domain: "d" });
  const fail = { type: "fail", now, attempt, error, exception: "no" } as const;
  switch (move) {
    case "claim":
      return { type: "claim", now, worker: "w", leaseTime: now + 1 };
    case "complete":
      return { type: "complete", now, attempt, response: EMPTY };
    case "fail":
      return { ...fail, retryTime: now };
    case "last":
      return { ...fail, retryTime: null };
    case "release":
      return { type: "release", now, attempt };
    case "expire":
      return { type: "expire", now, retryTime: now };
    case "cancel":
      return { type: "cancel", now };
    default:
      return { type: "deadline", now };
  }
}

test("similar failures count together, hour by hour, with the first, the last and a sample", () => {
  const tally = new Tally();
  failed(tally, NOON + 1, "disk 1 is full");
  const last = failed(tally, NOON + 9, "disk 2 is full");
  failed(tally, NOON + 9, "disk is away");
  failed(tally, NOON + HOUR, "disk 3 is full");
  const { failures } = tally.take();
  assert.deepEqual(
    failures.map(({ text, hour, count, firstTime, lastTime }) => [text, hour, count, firstTime, lastTime]),
    [
      ["disk ‹n› is full", NOON, 2, NOON + 1, NOON + 9],
      ["disk is away", NOON, 1, NOON + 9, NOON + 9],
      ["disk ‹n› is full", NOON + HOUR, 1, NOON + HOUR, NOON + HOUR],
    ],
  );
  assert.equal(failures[0]?.sample, formatName(last));
  assert.deepEqual(tally.take().failures, []);
});

/** A word that resembles no other. */
const word = (index: number): string => String.fromCodePoint(0x4e00 + index);

test("beyond the limit of kinds of failures in an hour, all others count as one kind", () => {
  const tally = new Tally();
  for (let index = 0; index < LIMITS.failureKindsMax + 3; index++) failed(tally, NOON, word(index));
  const { failures } = tally.take();
  assert.equal(failures.length, LIMITS.failureKindsMax + 1);
  assert.deepEqual([failures.at(-1)?.key, failures.at(-1)?.count], [OTHER, 3]);
  // Known kinds are still counted, and the next hour has room for others.
  failed(tally, NOON, word(0));
  failed(tally, NOON + HOUR, "another");
  assert.deepEqual(
    tally.take().failures.map(({ text }) => text),
    [word(0), "another"],
  );
});

test("beyond the limit of methods, all others count as one", () => {
  const tally = new Tally();
  for (let index = 0; index < LIMITS.countedMethodsMax + 9; index++)
    tally.started(anOperation({ method: `m${index}` }));
  const { methods } = tally.take();
  assert.equal(methods.size, LIMITS.countedMethodsMax);
  assert.equal(methods.get(OTHER)?.started, 10);
  tally.started(anOperation({ method: "m0" }));
  assert.deepEqual([...tally.take().methods.keys()], ["m0"]);
});
