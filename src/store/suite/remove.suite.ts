import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import {
  aFinishedOperation,
  aRunningOperation,
  onStore,
  put,
  read,
  readAll,
  type StoreSubject,
  write,
} from "./subject.suite.ts";

/** `remove` and `purge` remove records. */
export function removeSuite(subject: StoreSubject): void {
  test(
    "remove() removes a record, whatever its state, once",
    onStore(subject, async ({ store, clock }) => {
      const operations = [anOperation(), aRunningOperation(clock.now() + 1), aFinishedOperation()];
      await put(store, ...operations);
      for (const { id, parent } of operations) {
        assert.deepEqual(await write(store, { verb: "remove", id, parent }), { removed: true });
        assert.deepEqual(await write(store, { verb: "remove", id, parent }), { removed: false });
      }
      assert.deepEqual(
        await readAll(
          store,
          operations.map((each) => each.id),
        ),
        operations.map(() => undefined),
      );
    }),
  );

  test(
    "remove() is refused for another parent",
    onStore(subject, async ({ store }) => {
      const operation = anOperation({ parent: "p" });
      await put(store, operation);
      assert.deepEqual(await write(store, { verb: "remove", id: operation.id, parent: "q" }), {
        removed: false,
      });
      assert.equal((await read(store, operation))?.id, operation.id);
    }),
  );

  test(
    "remove() frees the request id",
    onStore(subject, async ({ store }) => {
      const first = anOperation({ requestId: "r" });
      await put(store, first);
      await write(store, { verb: "remove", id: first.id, parent: "" });
      const again = anOperation({ requestId: "r" });
      assert.deepEqual(await write(store, { verb: "insert", operation: again }), {
        inserted: true,
        blocked: false,
      });
    }),
  );

  test(
    "purge() removes expired records, oldest first, up to the limit, and keeps the rest",
    onStore(subject, async ({ store, clock }) => {
      const [third, first, later, second] = [30, 10, 31, 20].map((timeToLiveMs) =>
        aFinishedOperation({ timeToLiveMs }),
      );
      const kept = [
        later,
        anOperation({ timeToLiveMs: 1 }),
        aRunningOperation(clock.now(), { timeToLiveMs: 1 }),
      ];
      const all = [third, first, second, ...kept].filter((each) => each !== undefined);
      await put(store, ...all);
      await clock.advance(30);
      const purged = async () => (await write(store, { verb: "purge", limit: 2 })).ids;
      assert.deepEqual(await purged(), [first?.id, second?.id]);
      assert.deepEqual(await purged(), [third?.id]);
      assert.deepEqual(await purged(), []);
      const left = await readAll(
        store,
        all.map((each) => each.id),
      );
      assert.deepEqual(
        left.map((each) => each?.id).filter((id) => id !== undefined),
        kept.map((each) => each?.id),
      );
    }),
  );

  test(
    "purge() skips the given records, however many of them come first",
    onStore(subject, async ({ store, clock }) => {
      const all = [1, 2, 3, 4, 5].map((timeToLiveMs) => aFinishedOperation({ timeToLiveMs }));
      await put(store, ...all);
      await clock.advance(5);
      const except = all.slice(0, 3).map(({ id }) => id);
      const rest = all.slice(3).map(({ id }) => id);
      assert.deepEqual((await write(store, { verb: "purge", limit: 2, except })).ids, rest);
      assert.deepEqual((await write(store, { verb: "purge", limit: 9, except })).ids, []);
      assert.deepEqual((await write(store, { verb: "purge", limit: 9 })).ids, except);
    }),
  );
}
