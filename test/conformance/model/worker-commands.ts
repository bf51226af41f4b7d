import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { AttemptAnswer } from "../../../src/core/ports/worker-port.ts";
import type { Operation } from "../../../src/core/operation/operation.ts";
import { STRUCT } from "../../../src/core/operation/payload.ts";
import type { RenewAnswer } from "../../../src/core/ports/store.ts";
import { commandKind } from "./command.ts";
import type { Harness } from "./harness.ts";
import { expectedOf } from "./record.ts";
import type { Expected } from "./expected.ts";
import type { Oracle } from "./oracle.ts";

/**
 * The calls of workers: claim, renew, report, complete, fail, release. Some of them use attempts
 * that they have lost.
 */

const LEASE_MS = fc.constantFrom(10_000, 30_000);

/** A worker with the store, and one without. */
const WORKER = fc.constantFrom("far", "remote:far");

const CLAIM = commandKind<{
  limit: number;
  leaseMs: number;
  worker: string;
  most: Readonly<Record<string, number>>;
}>({
  kind: "claim",
  weight: 4,
  given: fc.record({
    limit: fc.nat({ max: 3 }),
    most: fc.record({
      pack: fc.nat({ max: 3 }),
      clean: fc.nat({ max: 3 }),
      scan: fc.nat({ max: 3 }),
      mend: fc.nat({ max: 3 }),
    }),
    leaseMs: LEASE_MS,
    worker: WORKER,
  }),
  run: async ({ oracle, harness }, { limit, most, leaseMs, worker }) => {
    const limits = new Map(Object.entries(most));
    const wanted = [...limits].map(([method, each]) => ({ method, limit: each }));
    const answer = await harness.engine.attempts.claim({ worker, leaseMs, limit, wanted });
    const answered = new Set(answer.operations.map(({ id }) => id));
    const { claimed, nextTime } = oracle.claim(limits, limit, { worker, leaseMs }, answered);
    assert.deepEqual(answer.operations.map(expectedOf), claimed);
    if (nextTime !== undefined) assert.equal(answer.nextTime, nextTime);
    harness.holdings.push(...answer.operations);
    return claimed.length > 0;
  },
});

/**
 * One of the attempts that workers got. The newest are used more often, because the old ones are
 * lost.
 */
interface GivenAttempt {
  readonly index: number;
  readonly value: number;
}

const ATTEMPT = fc.record({ index: fc.nat({ max: 1_000 }), value: fc.nat({ max: 99 }) });

/** Calls on an attempt, if there ever was one. */
async function onAttempt(
  harness: Harness,
  { index }: GivenAttempt,
  call: (known: Operation, at: number) => Promise<boolean>,
): Promise<boolean> {
  const { holdings } = harness;
  const at = index % 3 === 0 ? index % Math.max(1, holdings.length) : holdings.length - 1 - (index % 3);
  const known = holdings[Math.max(0, at)];
  return known !== undefined && (await call(known, Math.max(0, at)));
}

function checkRenewed(answer: RenewAnswer, expected: Expected | undefined): boolean {
  assert.deepEqual(
    answer,
    expected === undefined
      ? { held: false }
      : {
          held: true,
          leaseTime: expected.leaseTime,
          revision: expected.revision,
          cancelRequested: expected.cancelTime !== null,
        },
  );
  return expected !== undefined;
}

const RENEW = commandKind<GivenAttempt>({
  kind: "renew",
  given: ATTEMPT,
  run: ({ oracle, harness }, given) =>
    onAttempt(harness, given, async ({ id, attempt }) => {
      const leaseMs = 20_000;
      const command = { verb: "renew", id, attempt, leaseMs, metadata: null } as const;
      const answer = await harness.store.write(command);
      return checkRenewed(answer, oracle.renew(id, attempt, leaseMs, null));
    }),
});

const REPORT = commandKind<GivenAttempt>({
  kind: "report",
  weight: 2,
  given: ATTEMPT,
  run: ({ oracle, harness }, given) =>
    onAttempt(harness, given, async (known, at) => {
      const { id, attempt } = known;
      const metadata = { type: STRUCT, json: JSON.stringify({ progressPercent: given.value }) };
      const answer = await harness.engine.attempts.report({ id, attempt }, 20_000, metadata);
      // A worker remembers its reports, and writes the last one together with the outcome.
      if (answer.held) harness.holdings[at] = { ...known, metadata };
      return checkRenewed(answer, oracle.renew(id, attempt, 20_000, metadata.json));
    }),
});

/** The outcome of an attempt: sometimes with progress that was not reported yet. */
function newest(known: Operation, { value }: GivenAttempt): Operation {
  return value % 4 === 0
    ? { ...known, metadata: { type: STRUCT, json: JSON.stringify({ unreported: value }) } }
    : known;
}

/**
 * Ends an attempt in the engine and in the oracle. The worker's last report goes along with the
 * outcome.
 */
async function end(
  oracle: Oracle,
  known: Operation,
  call: Promise<AttemptAnswer>,
  decide: (expected: Expected) => void,
): Promise<boolean> {
  const answer = await call;
  const expected = oracle.holder(known.id, known.attempt);
  if (expected === undefined) {
    assert.equal(answer, "lost");
    return false;
  }
  expected.metadata = known.metadata?.json ?? expected.metadata;
  decide(expected);
  assert.ok(answer !== "lost");
  assert.deepEqual(expectedOf({ ...answer.operation, leaseTime: expected.leaseTime }), expected);
  return true;
}

const COMPLETE = commandKind<GivenAttempt>({
  kind: "complete",
  given: ATTEMPT,
  run: ({ oracle, harness }, given) =>
    onAttempt(harness, given, (held) => {
      const known = newest(held, given);
      const json = JSON.stringify({ size: given.value });
      const call = harness.engine.attempts.complete(known, { type: STRUCT, json });
      return end(oracle, known, call, (expected) => oracle.complete(expected, json));
    }),
});

const FAIL = commandKind<GivenAttempt>({
  kind: "fail",
  given: ATTEMPT,
  run: ({ oracle, harness }, given) =>
    onAttempt(harness, given, (held) => {
      const known = newest(held, given);
      const code = given.value % 5 === 0 ? "CANCELLED" : "ABORTED";
      const onPurpose = given.value % 2 === 0;
      const retryTime = given.value % 3 === 0 ? null : oracle.now + 1_000 * given.value;
      const call = harness.engine.attempts.fail(known, {
        error: { code, message: "no", details: [] },
        exception: onPurpose ? null : "boom",
        retryTime,
      });
      return end(oracle, known, call, (expected) =>
        oracle.fail(expected, { code, status: code, onPurpose, retryTime }),
      );
    }),
});

const RELEASE = commandKind<GivenAttempt>({
  kind: "release",
  given: ATTEMPT,
  run: ({ oracle, harness }, given) =>
    onAttempt(harness, given, (held) => {
      const known = newest(held, given);
      return end(oracle, known, harness.engine.attempts.release(known), (each) => oracle.release(each));
    }),
});

/** The commands of this file. */
export const WORKER_COMMANDS = [CLAIM, RENEW, REPORT, COMPLETE, FAIL, RELEASE] as const;
