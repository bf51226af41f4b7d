import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anOperation } from "../../testing/an-operation.ts";
import { anyRecord } from "./records.suite.ts";
import {
  aFinishedOperation,
  aRunningOperation,
  onStore,
  put,
  type StoreSubject,
  write,
} from "./subject.suite.ts";

/** `read` and `due` ask; what `list` does is in list.suite.ts. */
export function readSuite(subject: StoreSubject): void {
  test(
    "read() answers in the order asked, undefined where there is none, and repeats what is asked twice",
    onStore(subject, async ({ store }) => {
      const [a, b] = [anOperation(), anOperation()];
      await put(store, a, b);
      const answers = await store.read([b.id, anOperation().id, a.id, "not an id", b.id]);
      assert.deepEqual(
        answers.map((each) => each?.id),
        [b.id, undefined, a.id, undefined, b.id],
      );
      assert.deepEqual(await store.read([]), []);
    }),
  );

  test(
    "over() tells which have ended or are not there",
    onStore(subject, async ({ store }) => {
      const [pending, running] = [anOperation(), aRunningOperation(Number.MAX_SAFE_INTEGER)];
      const finished = aFinishedOperation();
      await put(store, pending, running, finished);
      const nowhere = anOperation().id;
      const asked = [pending.id, finished.id, nowhere, running.id, "not an id"];
      assert.deepEqual((await store.over(asked)).toSorted(), [finished.id, nowhere, "not an id"].toSorted());
      assert.deepEqual(await store.over([]), []);
    }),
  );

  test(
    "read() sees every write acknowledged before the call",
    onStore(subject, async ({ store }) => {
      for (let turn = 0; turn < 50; turn++) {
        const operation = anOperation();
        await write(store, { verb: "insert", operation });
        assert.deepEqual(await store.read([operation.id]), [operation]);
      }
    }),
  );

  test(
    "read() gives back every record as it was written",
    onStore(subject, async ({ store, clock }) => {
      const records = fc.array(anyRecord(clock.now()), { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(records, async (drawn) => {
          const operations = drawn.map((each) => ({ ...each, id: anOperation().id }));
          await put(store, ...operations);
          assert.deepEqual(await store.read(operations.map((each) => each.id)), operations);
        }),
        { numRuns: 30 },
      );
    }),
  );

  test(
    "due() answers with passed leases and passed deadlines, oldest first, each once",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      const expired = aRunningOperation(now);
      const late = anOperation({ deadlineTime: now - 2 });
      const both = { ...aRunningOperation(now - 1), deadlineTime: now - 3 };
      const neither = [
        aRunningOperation(now + 1),
        anOperation({ deadlineTime: now + 1 }),
        anOperation(),
        { ...aFinishedOperation(), deadlineTime: now - 9 },
      ];
      await put(store, expired, late, both, ...neither);
      const ids = async (limit: number): Promise<string[]> => (await store.due(limit)).map((each) => each.id);
      assert.deepEqual(await ids(10), [both.id, late.id, expired.id]);
      assert.deepEqual(await ids(2), [both.id, late.id]);
      assert.deepEqual((await store.due(1))[0], both);
    }),
  );

  test(
    "due() judges by the store's clock",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 1_000);
      await put(store, running);
      assert.deepEqual(await store.due(10), []);
      await clock.advance(1_000);
      assert.deepEqual(await store.due(10), [running]);
    }),
  );
}
