import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import {
  aFinishedOperation,
  after,
  aRunningOperation,
  onStore,
  put,
  read,
  type StoreSubject,
  write,
  writeAll,
} from "./subject.suite.ts";

/** `replace` is a compare-and-set. */
export function replaceSuite(subject: StoreSubject): void {
  test(
    "replace() writes every field that can change",
    onStore(subject, async ({ store, clock }) => {
      const running = {
        ...aRunningOperation(clock.now() + 30_000),
        metadata: { type: "t.Meta", json: '{"a":1}' },
      };
      await put(store, running);
      const failed = after(running, {
        type: "fail",
        now: clock.now(),
        attempt: 1,
        error: {
          code: "NOT_FOUND",
          message: "No such ä",
          details: [{ "@type": "type.googleapis.com/t.D", x: [1] }],
        },
        exception: "Error: stack\n  at …",
        retryTime: null,
      });
      const answer = await write(store, {
        verb: "replace",
        next: failed,
        expectedRevision: running.revision,
      });
      assert.deepEqual(answer, { replaced: true });
      assert.deepEqual(await read(store, failed), failed);
    }),
  );

  test(
    "replace() is refused for another revision, and for a missing record",
    onStore(subject, async ({ store, clock }) => {
      const operation = anOperation();
      await write(store, { verb: "insert", operation });
      const next = after(operation, { type: "cancel", now: clock.now() });
      const answers = await writeAll(store, [
        { verb: "replace", next, expectedRevision: 2 },
        { verb: "replace", next: { ...next, id: anOperation().id }, expectedRevision: 1 },
      ]);
      assert.deepEqual(answers, [{ replaced: false }, { replaced: false }]);
      assert.deepEqual(await read(store, operation), operation);
    }),
  );

  test(
    "replace() of one record by two who read the same succeeds once",
    onStore(subject, async ({ store, clock }) => {
      const operation = anOperation();
      await write(store, { verb: "insert", operation });
      const next = after(operation, { type: "cancel", now: clock.now() });
      const twice = [1, 2].map(() => write(store, { verb: "replace", next, expectedRevision: 1 }));
      const answers = await Promise.all(twice);
      assert.equal(answers.filter(({ replaced }) => replaced).length, 1);
    }),
  );

  test(
    "replace() keeps the lease of a running operation as extended by renewals",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 3_000);
      await put(store, running);
      await write(store, { verb: "renew", id: running.id, attempt: 1, leaseMs: 60_000, metadata: null });
      const next = after(running, { type: "cancel", now: clock.now() });
      assert.deepEqual(await write(store, { verb: "replace", next, expectedRevision: running.revision }), {
        replaced: true,
      });
      assert.deepEqual(await read(store, next), { ...next, leaseTime: clock.now() + 60_000 });
    }),
  );

  test(
    "replace() that was decided on a lease is refused once a renewal has extended the lease",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 3_000);
      await put(store, running);
      const expectedLeaseTime = clock.now() + 3_000;
      await write(store, { verb: "renew", id: running.id, attempt: 1, leaseMs: 60_000, metadata: null });
      const now = clock.now() + 3_000;
      const next = after(running, { type: "expire", now, retryTime: now });
      const command = { verb: "replace", next, expectedRevision: running.revision } as const;
      assert.deepEqual(await write(store, { ...command, expectedLeaseTime }), { replaced: false });
      const moved = clock.now() + 60_000;
      assert.deepEqual(await write(store, { ...command, expectedLeaseTime: moved }), { replaced: true });
      assert.deepEqual(await read(store, next), next);
    }),
  );

  test(
    "replace() never finds a finished record at a revision that it had before it ended",
    onStore(subject, async ({ store, clock }) => {
      const finished = aFinishedOperation();
      await put(store, finished);
      const late = after(aRunningOperation(clock.now() + 1, { id: finished.id }), {
        type: "cancel",
        now: clock.now(),
      });
      const answer = await write(store, {
        verb: "replace",
        next: late,
        expectedRevision: finished.revision - 1,
      });
      assert.deepEqual(answer, { replaced: false });
      assert.deepEqual(await read(store, finished), finished);
    }),
  );
}
