import assert from "node:assert/strict";
import { test } from "node:test";
import { InvariantError } from "../../core/invariant.ts";
import { anOperation } from "../../testing/an-operation.ts";
import {
  aRunningOperation,
  insertOf,
  onStore,
  read,
  readAll,
  type StoreSubject,
  write,
  writeAll,
} from "./subject.suite.ts";

/** `insert` stores a new operation, or returns the one with the same request id. */
export function insertSuite(subject: StoreSubject): void {
  test(
    "insert() stores every field of a pending operation",
    onStore(subject, async ({ store }) => {
      const operation = anOperation({
        parent: "projects/ä/locations/l",
        requestId: "r1",
        request: '{"directory":"/ü/😀"}',
        target: "projects/p/archives/a",
        attemptsMax: 7,
        timeToLiveMs: 1_234,
        deadlineTime: 9_999_999_999_999,
        availableTime: 9_999_999_999_998,
        priority: 9,
        parallelKey: "ä/😀",
        caller: '{"principal":"user:ä","tenant":"projects/😀"}',
      });
      assert.deepEqual(await write(store, insertOf(operation)), { inserted: true, blocked: false });
      assert.deepEqual(await read(store, operation), operation);
    }),
  );

  test(
    "insert() stores an operation with an unknown caller",
    onStore(subject, async ({ store }) => {
      const operation = anOperation({ caller: null });
      await write(store, insertOf(operation));
      assert.deepEqual(await read(store, operation), operation);
    }),
  );

  test(
    "insert() stores an operation that is already claimed",
    onStore(subject, async ({ store, clock }) => {
      const operation = aRunningOperation(clock.now() + 30_000);
      await write(store, { verb: "insert", operation });
      assert.deepEqual(await read(store, operation), operation);
    }),
  );

  test(
    "insert() keeps the operation with the request id, and returns its current state",
    onStore(subject, async ({ store, clock }) => {
      const first = anOperation({ parent: "p", requestId: "r1" });
      await write(store, { verb: "insert", operation: first });
      const wanted = [{ method: first.method, limit: 1 }];
      await write(store, { verb: "claim", worker: "w", leaseMs: 1_000, limit: 1, wanted });
      const second = anOperation({ parent: "p", requestId: "r1", request: '{"other":true}' });
      const answer = await write(store, { verb: "insert", operation: second });
      assert.deepEqual(answer, { inserted: false, existing: await read(store, first) });
      assert.equal(await read(store, second), undefined);
      assert.equal((await read(store, first))?.leaseTime, clock.now() + 1_000);
    }),
  );

  test(
    "insert() scopes a request id to parent and method",
    onStore(subject, async ({ store }) => {
      const same = { parent: "p", method: "m", requestId: "r1" };
      const operations = [
        anOperation(same),
        anOperation({ ...same, parent: "q" }),
        anOperation({ ...same, method: "n" }),
        anOperation({ ...same, requestId: null }),
        anOperation({ ...same, requestId: null }),
      ];
      const answers = await writeAll(
        store,
        operations.map((operation) => ({ verb: "insert", operation }) as const),
      );
      assert.deepEqual(
        answers,
        operations.map(() => ({ inserted: true, blocked: false })),
      );
    }),
  );

  test(
    "two concurrent calls of insert() with one request id store the first",
    onStore(subject, async ({ store }) => {
      const first = anOperation({ requestId: "r1" });
      const second = anOperation({ requestId: "r1" });
      const answers = await writeAll(store, [
        { verb: "insert", operation: first },
        { verb: "insert", operation: second },
      ]);
      assert.deepEqual(answers, [
        { inserted: true, blocked: false },
        { inserted: false, existing: first },
      ]);
    }),
  );

  test(
    "insert() of an existing id is a bug, and disturbs no other command",
    onStore(subject, async ({ store }) => {
      const operation = anOperation();
      await write(store, { verb: "insert", operation });
      const bystanders = [anOperation(), anOperation()];
      const settled = await Promise.allSettled([
        write(store, { verb: "insert", operation: anOperation() }),
        write(store, { verb: "insert", operation: bystanders[0] ?? operation }),
        write(store, { verb: "insert", operation }),
        write(store, { verb: "insert", operation: bystanders[1] ?? operation }),
      ]);
      assert.deepEqual(
        settled.map((each) => each.status),
        ["fulfilled", "fulfilled", "rejected", "fulfilled"],
      );
      assert.ok(settled[2]?.status === "rejected" && settled[2].reason instanceof InvariantError);
      assert.deepEqual(
        await readAll(
          store,
          bystanders.map((each) => each.id),
        ),
        bystanders,
      );
    }),
  );
}
