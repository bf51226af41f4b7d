import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import { transition } from "../core/operation/transition.ts";
import { settled } from "../testing/manual-clock.ts";
import { type EngineWithHints, openWithHints } from "./waiting/hints.suite.ts";
import { finish, request } from "./packing.suite.ts";
import { startMany } from "./starting/start-many.ts";

const start = { method: "pack", parent: "projects/p", request };

/**
 * Begins to wait, ends the operation, and returns the number of reads before the end and in total.
 */
async function readsOfWait(test: EngineWithHints, operation: Operation): Promise<readonly [number, number]> {
  test.reads.length = 0;
  const waiting = test.engine.operations.wait(ANONYMOUS, formatName(operation));
  await settled();
  const before = test.reads.length;
  await finish(test, operation);
  assert.equal((await waiting).state, "SUCCEEDED");
  return [before, test.reads.length];
}

/** Ends an operation without a notice. */
function endUntold(test: EngineWithHints, operation: Operation): Promise<void> {
  return test.untold(() => finish(test, operation));
}

describe("Operations.wait() for operations that this process started", () => {
  it("reads once, when the operation has ended", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    assert.deepEqual(await readsOfWait(test, await operations.start(ANONYMOUS, start)), [0, 1]);
    const [result] = await startMany(operations, ANONYMOUS, [start]);
    assert.ok(result?.operation);
    assert.deepEqual(await readsOfWait(test, result.operation), [0, 1]);
  });

  it("reads nothing, if the notice of the end has the record of this parent", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const begun = await operations.start(ANONYMOUS, start);
    const ended: Operation = { ...begun, state: "CANCELLED", endTime: test.openedAt };
    const change = {
      id: begun.id,
      method: "pack",
      state: ended.state,
      availableTime: 0,
      cancelRequested: true,
    };
    const wait = async (told: Operation): Promise<Operation> => {
      const waiting = operations.wait(ANONYMOUS, formatName(begun), { timeoutMs: 1 });
      await settled();
      test.reads.length = 0;
      test.tell([{ ...change, ended: told }]);
      await settled();
      await test.clock.advance(1);
      return waiting;
    };
    assert.deepEqual(await wait({ ...ended, parent: "projects/other" }), begun);
    assert.equal(test.reads[0], begun.id);
    assert.equal(await wait(ended), ended);
    assert.deepEqual(test.reads, []);
  });

  it("reads first if the store does not announce other processes' changes", async () => {
    await using test = await openWithHints({ pollMs: 200, tellsOfOthers: false });
    assert.deepEqual(await readsOfWait(test, await test.engine.operations.start(ANONYMOUS, start)), [1, 2]);
  });

  it("reads first for operations of another process, even if their request id was repeated here", async () => {
    await using test = await openWithHints();
    await using other = await openWithHints();
    const begun = await other.engine.operations.start(ANONYMOUS, { ...start, requestId: "r" });
    await test.store.write({ verb: "insert", operation: begun });
    const again = await test.engine.operations.start(ANONYMOUS, { ...start, requestId: "r" });
    assert.equal(again.id, begun.id);
    assert.deepEqual(await readsOfWait(test, again), [1, 2]);
  });

  it("reads at once with timeout 0, for a caller that has hung up, and when the server stops", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const started = await operations.start(ANONYMOUS, start);
    const name = formatName(started);
    // Without a notice, only a read can find the end.
    await endUntold(test, started);
    assert.equal((await operations.wait(ANONYMOUS, name, { timeoutMs: 0 })).state, "SUCCEEDED");
    const second = await operations.start(ANONYMOUS, start);
    await endUntold(test, second);
    const signal = AbortSignal.abort();
    assert.equal((await operations.wait(ANONYMOUS, formatName(second), { signal })).state, "SUCCEEDED");
    const third = await operations.start(ANONYMOUS, start);
    await endUntold(test, third);
    operations.stop();
    assert.equal((await operations.wait(ANONYMOUS, formatName(third))).state, "SUCCEEDED");
  });

  it("does not find the operation under another parent, and says so without waiting", async () => {
    await using test = await openWithHints();
    const { id } = await test.engine.operations.start(ANONYMOUS, start);
    for (const name of [`operations/${id}`, `projects/q/operations/${id}`]) {
      await assert.rejects(test.engine.operations.wait(ANONYMOUS, name), { reason: "OPERATION_NOT_FOUND" });
    }
  });

  it("answers at once if it was told that the operation has ended or is gone", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const [ended, removed] = [
      await operations.start(ANONYMOUS, start),
      await operations.start(ANONYMOUS, start),
    ];
    await endUntold(test, ended);
    test.hint(ended.id, "SUCCEEDED");
    await test.untold(() => operations.delete(ANONYMOUS, formatName(removed)));
    test.hint(removed.id, null);
    assert.equal((await operations.wait(ANONYMOUS, formatName(ended))).state, "SUCCEEDED");
    await assert.rejects(operations.wait(ANONYMOUS, formatName(removed)), { reason: "OPERATION_NOT_FOUND" });
  });

  it("answers at once if the end was announced before the start was answered", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const write = test.store.write.bind(test.store);
    test.store.write = async (command) => {
      const answer = await write(command);
      assert.ok(command.verb === "insert");
      const { next } = transition(
        command.operation,
        { type: "cancel", now: test.store.time() },
        "longrunning",
      );
      assert.ok(next);
      await write({ verb: "replace", next, expectedRevision: command.operation.revision });
      return answer;
    };
    const started = await operations.start(ANONYMOUS, start);
    assert.equal(started.state, "PENDING");
    assert.equal((await operations.wait(ANONYMOUS, formatName(started))).state, "CANCELLED");
  });

  it("waits until the next poll at most if nobody announced the end", async () => {
    await using test = await openWithHints({ pollMs: 1_000 });
    test.engine.start();
    const started = await test.engine.operations.start(ANONYMOUS, start);
    await endUntold(test, started);
    const waiting = test.engine.operations.wait(ANONYMOUS, formatName(started));
    await test.clock.advance(1_000);
    assert.equal((await waiting).state, "SUCCEEDED");
    assert.equal(test.clock.now(), test.openedAt + 1_000);
  });

  it("answers at once if the caller has already been told that the operation has ended or is gone", async () => {
    await using test = await openWithHints();
    const { operations } = test.engine;
    const again = { ...start, requestId: "r" };
    const [got, repeated] = [
      await operations.start(ANONYMOUS, start),
      await operations.start(ANONYMOUS, again),
    ];
    await endUntold(test, got);
    await endUntold(test, repeated);
    assert.equal((await operations.get(ANONYMOUS, formatName(got))).state, "SUCCEEDED");
    assert.equal((await operations.start(ANONYMOUS, again)).state, "SUCCEEDED");
    for (const each of [got, repeated]) {
      assert.equal((await operations.wait(ANONYMOUS, formatName(each))).state, "SUCCEEDED");
    }
    const removed = formatName(await operations.start(ANONYMOUS, start));
    await test.untold(() => operations.delete(ANONYMOUS, removed));
    await assert.rejects(operations.get(ANONYMOUS, removed), { reason: "OPERATION_NOT_FOUND" });
    await assert.rejects(operations.wait(ANONYMOUS, removed), { reason: "OPERATION_NOT_FOUND" });
  });
});
