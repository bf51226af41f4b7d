import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../src/core/operation/operation.ts";
import { transition } from "../../src/core/operation/transition.ts";
import { STRUCT } from "../../src/core/operation/payload.ts";
import { anOperation } from "../../src/testing/an-operation.ts";
import { Course } from "./course.ts";
import { Shadow } from "./shadow.ts";

const START = 1_000;

/** A shadow of a database with one operation, which runs attempt 1 with a lease until 5,000. */
function running(): { shadow: Shadow; problems: string[]; operation: Operation } {
  const problems: string[] = [];
  const shadow = new Shadow({
    fail: (problem) => problems.push(problem),
    ended: () => {},
    removed: () => {},
    claimed: () => {},
    course: new Course(() => 0, false),
  });
  const pending = anOperation({ createTime: START, availableTime: START });
  shadow.apply({ verb: "insert", operation: pending }, { inserted: true, blocked: false }, START);
  const { next } = transition(pending, { type: "claim", now: START, worker: "w", leaseTime: 5_000 });
  assert.ok(next !== undefined);
  const claim = { verb: "claim", worker: "w", leaseMs: 4_000, limit: 1 } as const;
  const wanted = [{ method: pending.method, limit: 1 }];
  shadow.apply({ ...claim, wanted }, { operations: [next], nextTime: null }, START);
  assert.deepEqual(problems, []);
  return { shadow, problems, operation: next };
}

function completed(operation: Operation, attempt: number): Operation {
  const response = { type: STRUCT, json: JSON.stringify({ op: 0, attempt }) };
  const event = { type: "complete", now: 2_000, attempt: operation.attempt, response } as const;
  const { next } = transition(operation, event);
  assert.ok(next !== undefined);
  return next;
}

test("an outcome is accepted once", () => {
  const { shadow, problems, operation } = running();
  const next = completed(operation, 1);
  const command = { verb: "replace", next, expectedRevision: operation.revision } as const;
  shadow.apply(command, { replaced: true }, 2_000);
  assert.deepEqual(problems, []);
  assert.equal(shadow.endings.get(operation.id)?.state, "SUCCEEDED");
  shadow.apply({ ...command, expectedRevision: next.revision }, { replaced: true }, 2_100);
  assert.match(problems.join(), /an outcome changes/);
});

test("a result of another attempt is rejected", () => {
  const { shadow, problems, operation } = running();
  const command = { verb: "replace", next: completed(operation, 2), expectedRevision: 2 } as const;
  shadow.apply(command, { replaced: true }, 2_000);
  assert.match(problems.join(), /attempt 2 commits what attempt 1 has the right to/);
});

test("a change of an old record is rejected, and so is a renewal of an expired lease", () => {
  const { shadow, problems, operation } = running();
  const command = { verb: "replace", next: completed(operation, 1), expectedRevision: 1 } as const;
  shadow.apply(command, { replaced: true }, 2_000);
  assert.match(problems.splice(0).join(), /a replacement is taken, against the model/);
  const other = running();
  const renew = {
    verb: "renew",
    id: other.operation.id,
    attempt: 1,
    leaseMs: 4_000,
    metadata: null,
  } as const;
  const answer = { held: true, leaseTime: 10_000, revision: 2, cancelRequested: false } as const;
  other.shadow.apply(renew, answer, 6_000);
  assert.match(other.problems.join(), /a lease is renewed, against the model/);
});

test("a valid lease does not count as expired", () => {
  const { shadow, problems, operation } = running();
  const { next } = transition(operation, { type: "expire", now: 6_000, retryTime: 7_000 });
  assert.ok(next !== undefined);
  shadow.apply({ verb: "replace", next, expectedRevision: 2 }, { replaced: true }, 4_000);
  assert.match(problems.join(), /a lease is taken for passed that lasts/);
});

test("every record is compared at the end", () => {
  const { shadow, problems, operation } = running();
  shadow.compareAll(() => operation);
  assert.deepEqual(problems, []);
  shadow.compareAll(() => ({ ...operation, priority: 3 }));
  shadow.compareAll(() => undefined);
  assert.match(problems.join(), /has priority 3, and the model 0.*the record of .* is gone/);
});
