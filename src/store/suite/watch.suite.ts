import assert from "node:assert/strict";
import { test } from "node:test";
import type { Change, Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import {
  aFinishedOperation,
  after,
  aRunningOperation,
  listen,
  oneOfSeveral,
  onStore,
  put,
  type StoreSubject,
  write,
  writeAll,
} from "./subject.suite.ts";

/** `watch` announces changes after their commit. */
export function watchSuite(subject: StoreSubject): void {
  test(
    "watch() announces each verb's changes, once a commit",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      const heard = listen(store);
      const { id, parent, method, ...operation } = anOperation({ parent: "projects/p", availableTime: now });
      const told = (change: Partial<Change>): Change[] => [
        { id, parent, method, state: "RUNNING", availableTime: now, cancelRequested: false, ...change },
      ];
      await write(store, { verb: "insert", operation: { id, parent, method, ...operation } });
      assert.deepEqual(heard.splice(0), [told({ state: "PENDING" })]);
      const wanted = [{ method, limit: 1 }];
      const claimed = await write(store, { verb: "claim", worker: "w", leaseMs: 9, limit: 1, wanted });
      assert.deepEqual(heard.splice(0), [told({})]);
      const metadata = { type: "t.M", json: "{}" };
      await write(store, { verb: "renew", id, attempt: 1, leaseMs: 9, metadata });
      assert.deepEqual(heard.splice(0), [told({})]);
      const running = { ...(claimed.operations[0] ?? anOperation()), revision: 3 };
      const next = after(running, { type: "cancel", now });
      await write(store, { verb: "replace", next, expectedRevision: 3 });
      assert.deepEqual(heard.splice(0), [told({ cancelRequested: true })]);
      await write(store, { verb: "remove", id, parent });
      assert.deepEqual(heard.splice(0), [told({ state: null, cancelRequested: true })]);
    }),
  );

  test(
    "watch() has the record of an end as read() has it, or no record",
    onStore(subject, async ({ store, clock }) => {
      const operation = aRunningOperation(Number.MAX_SAFE_INTEGER);
      await put(store, operation);
      const heard: Change[] = [];
      store.watch((changes) => void heard.push(...changes));
      const response = { type: "t.R", json: '{"a": "\\u00e4 \u{1f600}",  "b":1.0}' };
      const next = after(operation, { type: "complete", now: clock.now(), attempt: 1, response });
      await write(store, { verb: "replace", next, expectedRevision: operation.revision });
      const [change] = heard;
      assert.equal(change?.state, "SUCCEEDED");
      const kept = await store.read(operation.id);
      assert.deepEqual(kept?.response, response);
      assert.deepEqual(change.ended ?? kept, kept);
    }),
  );

  test(
    "watch() announces changes that were committed together at once, in order, including purged records",
    onStore(subject, async ({ store, clock }) => {
      const old = aFinishedOperation({ timeToLiveMs: 0 });
      await put(store, old);
      await clock.advance(1);
      const heard = listen(store);
      const [a, b] = [oneOfSeveral(subject), oneOfSeveral(subject)];
      await writeAll(store, [
        { verb: "insert", operation: a },
        { verb: "insert", operation: b },
      ]);
      await write(store, { verb: "purge", limit: 5 });
      assert.deepEqual(
        heard.map((changes) => changes.map((each) => [each.id, each.state])),
        [
          [
            [a.id, "PENDING"],
            [b.id, "PENDING"],
          ],
          [[old.id, null]],
        ],
      );
    }),
  );

  test(
    "watch() announces nothing if nothing changed that a caller can see",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 9, { requestId: "r" });
      await put(store, running);
      const heard = listen(store);
      await writeAll<Command>(store, [
        { verb: "insert", operation: anOperation({ requestId: "r" }) },
        { verb: "replace", next: running, expectedRevision: 99 },
        { verb: "renew", id: running.id, attempt: 1, leaseMs: 9, metadata: null },
        { verb: "claim", worker: "w", leaseMs: 9, limit: 1, wanted: [{ method: running.method, limit: 1 }] },
        { verb: "remove", id: running.id, parent: "another" },
        { verb: "purge", limit: 9 },
      ]);
      assert.deepEqual(heard, []);
    }),
  );

  test(
    "watch() announces before the call is answered, and a listener that throws disturbs no other",
    onStore(subject, async ({ store }) => {
      const order: string[] = [];
      store.watch(() => {
        throw new Error("a listener's own bug");
      });
      const off = store.watch(() => void order.push("told"));
      await write(store, { verb: "insert", operation: anOperation() }).then(() => order.push("answered"));
      off();
      await write(store, { verb: "insert", operation: anOperation() }).then(() => order.push("answered"));
      assert.deepEqual(order, ["told", "answered", "answered"]);
    }),
  );
}
