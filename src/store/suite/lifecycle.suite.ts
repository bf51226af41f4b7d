import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { anyRecord } from "./records.suite.ts";
import { onStore, put, read, readAll, type StoreSubject, write, writeAll } from "./subject.suite.ts";

/** `time`, `key`, `close`, and the state after closing. */
export function lifecycleSuite(subject: StoreSubject): void {
  test(
    "time() is the clock's, and never goes back",
    onStore(subject, async ({ store, clock }) => {
      const start = clock.now();
      assert.equal(store.time(), start);
      clock.setWall(start - 60_000);
      assert.equal(store.time(), start);
      clock.setWall(start + 5);
      assert.equal(store.time(), start + 5);
    }),
  );

  test(
    "key is 32 bytes",
    onStore(subject, async ({ store }) => {
      assert.equal(store.key.length, 32);
      assert.notDeepEqual(store.key, new Uint8Array(32));
    }),
  );

  test(
    "write() answers each verb, whatever else is given in the same turn",
    onStore(subject, async ({ store }) => {
      const operation = anOperation({ method: "m" });
      const answers = await writeAll<Command>(store, [
        { verb: "replace", next: operation, expectedRevision: 1 },
        { verb: "insert", operation },
        { verb: "claim", worker: "w", leaseMs: 9, limit: 1, wanted: [{ method: "m", limit: 1 }] },
        { verb: "renew", id: operation.id, attempt: 9, leaseMs: 9, metadata: null },
        { verb: "remove", id: anOperation().id, parent: "" },
        { verb: "purge", limit: 1 },
      ]);
      assert.deepEqual(
        answers.map((answer) => Object.keys(answer)[0]),
        ["replaced", "inserted", "operations", "held", "removed", "ids"],
      );
    }),
  );

  test(
    "close() finishes what has begun and refuses what comes after",
    onStore(subject, async ({ store }) => {
      // More writes than a store can have in progress.
      const begun = Array.from({ length: LIMITS.writeBatchMax + 100 }, () =>
        write(store, { verb: "insert", operation: anOperation() }),
      );
      const closed = store.close();
      const refused = { code: "UNAVAILABLE", reason: "SHUTTING_DOWN" };
      await assert.rejects(write(store, { verb: "insert", operation: anOperation() }), refused);
      const answers = await Promise.all(begun);
      assert.ok(answers.every(({ inserted }) => inserted));
      await closed;
      await assert.rejects(read(store, anOperation()), refused);
      await assert.rejects(store.due({ by: "lease", limit: 1, after: null }), refused);
      await store.close();
    }),
  );

  const skip = subject.reopen === undefined ? "nothing is left of it when it is closed" : false;
  test("a store that is opened again has every record and its key", { skip }, async () => {
    const clock = new ManualClock();
    for (const drawn of fc.sample(fc.array(anyRecord(clock.now()), { maxLength: 30 }), {
      numRuns: 5,
      seed: 1,
    })) {
      const operations = drawn.map((each) => ({ ...each, id: anOperation().id }));
      const first = await subject.open(clock);
      await put(first, ...operations);
      await first.close();
      const second = await subject.reopen?.(clock);
      assert.ok(second !== undefined);
      assert.deepEqual(second.key, first.key);
      const found = await readAll(
        second,
        operations.map((each) => each.id),
      );
      assert.deepEqual(found.map(withoutLease), operations.map(withoutLease));
      await second.close();
    }
  });
}

/** Whether the leases of the previous process still hold depends on the implementation. */
function withoutLease(operation: Operation | undefined): Partial<Operation> | undefined {
  return operation === undefined ? undefined : { ...operation, leaseTime: null };
}
