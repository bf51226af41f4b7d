import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { LIMITS } from "../../core/limits.ts";
import { clean, nameOf, openWorkersBench, reasonOf, struct, type WorkersBench } from "./workers.suite.ts";
import type { ClaimedAttempt, RemoteFailure } from "./worker-calls.ts";

const error: Failure = { code: "UNAVAILABLE", message: "The disk is full.", details: [] };

function fail(bench: WorkersBench, attempt: ClaimedAttempt, more: Partial<RemoteFailure> = {}) {
  return bench.engine.workers.fail(ANONYMOUS, [{ attempt, error, final: false, exception: "", ...more }]);
}

test("a response that violates the schema is refused with the fields, and the attempt continues", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  for (const response of [
    struct({ size: "big" }),
    undefined,
    { type: "google.protobuf.Timestamp", json: '"2026-01-01T00:00:00Z"' },
  ]) {
    const [answer] = await bench.engine.workers.complete(ANONYMOUS, [{ attempt, response }]);
    assert.equal(answer?.error?.code, "INVALID_ARGUMENT");
    assert.equal(answer && reasonOf(answer), "ATTEMPT_RESPONSE_INVALID");
    assert.equal(answer?.state, "");
  }
  const [answer] = await bench.engine.workers.complete(ANONYMOUS, [
    { attempt, response: struct({ size: "big" }) },
  ]);
  const violations = answer?.error?.details.find((each) => each["@type"].endsWith("BadRequest"));
  assert.match(JSON.stringify(violations), /"fieldViolations":\[\{"field":"size"/);
  assert.equal((await bench.read(operation)).state, "RUNNING");
  assert.equal((await fail(bench, attempt))[0]?.state, "PENDING");
});

test("a method without a response answers Empty, whatever its worker sends", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start(clean);
  const { attempt } = await bench.claimOne();
  await bench.engine.workers.complete(ANONYMOUS, [{ attempt, response: struct({ any: 1 }) }]);
  assert.deepEqual((await bench.read(operation)).response, { type: "google.protobuf.Empty", json: "{}" });
});

test("a failed attempt is retried by the method's policy or after the worker's delay, until the last attempt", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const first = await bench.claimOne();
  const now = bench.store.time();
  assert.deepEqual(await fail(bench, first.attempt), [{ error: undefined, state: "PENDING" }]);
  const { availableTime } = await bench.read(operation);
  assert.ok(availableTime >= now + 5_000 && availableTime <= now + 10_000, `${availableTime - now}`);
  await bench.clock.advance(10_000);
  const second = await bench.claimOne();
  await fail(bench, second.attempt, { retryDelayMs: 77_000, exception: "Error: boom\n  at disk" });
  assert.equal((await bench.read(operation)).availableTime, bench.store.time() + 77_000);
  await bench.clock.advance(77_000);
  const third = await bench.claimOne();
  assert.deepEqual(await fail(bench, third.attempt), [{ error: undefined, state: "FAILED" }]);
  const kept = await bench.read(operation);
  assert.deepEqual([kept.error?.code, kept.error?.message], ["UNAVAILABLE", "The disk is full."]);
  assert.equal(reasonOf(kept as never), "UNAVAILABLE");
  assert.equal(kept.exception, "Error: boom\n  at disk");
  assert.deepEqual(await fail(bench, third.attempt), [{ error: undefined, state: "FAILED" }], "repeated");
  assert.deepEqual(await fail(bench, first.attempt), [{ error: undefined, state: "FAILED" }], "it stands");
});

test("a final failure ends the operation, and so does a failure CANCELLED after a cancellation request", async () => {
  await using bench = await openWorkersBench();
  const final = await bench.start();
  assert.equal((await fail(bench, (await bench.claimOne()).attempt, { final: true }))[0]?.state, "FAILED");
  assert.equal((await bench.read(final)).failedAttempts, 1);
  const cancelled = await bench.start();
  const { attempt } = await bench.claimOne();
  await bench.engine.operations.cancel(ANONYMOUS, nameOf(cancelled));
  const [renewal] = await bench.engine.workers.renew(ANONYMOUS, {
    renewals: [{ attempt, metadata: undefined }],
  });
  assert.equal(renewal?.cancelRequested, true);
  const code = "CANCELLED";
  const [answer] = await fail(bench, attempt, { error: { code, message: "Stopped.", details: [] } });
  assert.deepEqual(answer, { error: undefined, state: "CANCELLED" });
});

test("an error without a code and a delay out of range are refused", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  for (const code of ["OK", "NO_SUCH_CODE"]) {
    const [answer] = await fail(bench, attempt, { error: { ...error, code: code as never } });
    assert.equal(answer && reasonOf(answer), "ATTEMPT_ERROR_INVALID");
  }
  for (const retryDelayMs of [-1, LIMITS.delayMsMax + 1, Number.NaN]) {
    const [answer] = await fail(bench, attempt, { retryDelayMs });
    assert.equal(answer && reasonOf(answer), "CLAIM_INVALID");
  }
  assert.equal((await bench.read(operation)).state, "RUNNING");
});

test("a released attempt is available at once or after a delay, and does not count", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const release = (attempt: ClaimedAttempt, delayMs?: number) =>
    bench.engine.workers.release(ANONYMOUS, { attempts: [attempt], delayMs });
  const first = await bench.claimOne();
  assert.deepEqual(await release(first.attempt), [{ error: undefined, state: "PENDING" }]);
  const second = await bench.claimOne();
  assert.deepEqual(await release(first.attempt), [{ error: undefined, state: "RUNNING" }], "repeated");
  await release(second.attempt, 9_000);
  const kept = await bench.read(operation);
  assert.deepEqual([kept.availableTime, kept.failedAttempts], [bench.store.time() + 9_000, 0]);
  assert.equal(await fail(bench, second.attempt).then(([each]) => each && reasonOf(each)), "ATTEMPT_LOST");
});

test("an operation that was removed is NOT_FOUND", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  await bench.engine.operations.delete(ANONYMOUS, nameOf(operation));
  const [answer] = await bench.engine.workers.complete(ANONYMOUS, [
    { attempt, response: struct({ size: 1 }) },
  ]);
  assert.deepEqual([answer?.error?.code, answer?.state], ["NOT_FOUND", ""]);
});

test("a report is kept if an outcome meets a concurrent cancellation", async () => {
  await using bench = await openWorkersBench();
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  await bench.engine.workers.renew(ANONYMOUS, {
    renewals: [{ attempt, metadata: struct({ percent: 90 }) }],
  });
  await bench.engine.operations.cancel(ANONYMOUS, nameOf(operation));
  const answers = await bench.engine.workers.complete(ANONYMOUS, [
    { attempt, response: struct({ size: 1 }) },
  ]);
  assert.deepEqual(answers, [{ error: undefined, state: "SUCCEEDED" }]);
  assert.deepEqual((await bench.read(operation)).metadata, struct({ percent: 90 }));
});

test("an exception is logged once, with its worker, and not if the attempt is lost", async () => {
  const told: unknown[] = [];
  await using bench = await openWorkersBench({ tell: { "attempt.threw": (fields) => told.push(fields) } });
  const operation = await bench.start();
  const { attempt } = await bench.claimOne();
  const exception = "Error: boom";
  await fail(bench, attempt, { exception });
  await fail(bench, attempt, { exception });
  await bench.clock.advance(10_000);
  const second = await bench.claimOne();
  await bench.engine.workers.release(ANONYMOUS, { attempts: [second.attempt] });
  const [lost] = await fail(bench, second.attempt, { exception });
  assert.equal(lost && reasonOf(lost), "ATTEMPT_LOST");
  assert.deepEqual(told, [
    { operation: nameOf(operation), method: "pack", attempt: 1, worker: "remote:far/1", exception },
  ]);
});
