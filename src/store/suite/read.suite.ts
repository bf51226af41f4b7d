import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DueQuery, Store } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { anyRecord } from "./records.suite.ts";
import {
  aFinishedOperation,
  aRunningOperation,
  onStore,
  put,
  readAll,
  type StoreSubject,
  write,
} from "./subject.suite.ts";

/** `read` and `due`; list.suite.ts tests `list`. */
export function readSuite(subject: StoreSubject): void {
  test(
    "read() answers in the requested order, with undefined for missing records, and repeats repeated ones",
    onStore(subject, async ({ store }) => {
      const [a, b] = [anOperation(), anOperation()];
      await put(store, a, b);
      const answers = await readAll(store, [b.id, anOperation().id, a.id, "not an id", b.id]);
      assert.deepEqual(
        answers.map((each) => each?.id),
        [b.id, undefined, a.id, undefined, b.id],
      );
      assert.deepEqual(await readAll(store, []), []);
    }),
  );

  test(
    "over() returns those that have ended or are missing",
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
    "changed() returns those with another revision or that are missing",
    onStore(subject, async ({ store }) => {
      const operations = [anOperation(), aRunningOperation(Number.MAX_SAFE_INTEGER), aFinishedOperation()];
      await put(store, ...operations);
      const seen = operations.map(({ id, revision }) => ({ id, revision }));
      assert.deepEqual(await store.changed(seen), []);
      const [pending, running] = operations;
      const nowhere = anOperation().id;
      const others = [
        { id: pending?.id ?? "", revision: (pending?.revision ?? 0) + 1 },
        { id: running?.id ?? "", revision: 0 },
        { id: nowhere, revision: 1 },
        { id: "not an id", revision: 1 },
      ];
      const changed = await store.changed([...seen.slice(2), ...others]);
      assert.deepEqual(changed.toSorted(), others.map(({ id }) => id).toSorted());
      assert.deepEqual(await store.changed([]), []);
    }),
  );

  test(
    "read() sees every write acknowledged before the call",
    onStore(subject, async ({ store }) => {
      for (let turn = 0; turn < 50; turn++) {
        const operation = anOperation();
        await write(store, { verb: "insert", operation });
        assert.deepEqual(await store.read(operation.id), operation);
      }
    }),
  );

  test(
    "read() returns every record as it was written",
    onStore(subject, async ({ store, clock }) => {
      const records = fc.array(anyRecord(clock.now()), { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(records, async (drawn) => {
          const operations = drawn.map((each) => ({ ...each, id: anOperation().id }));
          await put(store, ...operations);
          assert.deepEqual(
            await readAll(
              store,
              operations.map((each) => each.id),
            ),
            operations,
          );
        }),
        { numRuns: 30 },
      );
    }),
  );

  test(
    "due() returns expired leases and expired deadlines, each once",
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
      assert.deepEqual(await dueIds(store, "lease"), [expired.id, both.id].toSorted());
      assert.deepEqual(await dueIds(store, "deadline"), [late.id, both.id].toSorted());
    }),
  );

  test(
    "due() uses the store's clock",
    onStore(subject, async ({ store, clock }) => {
      const running = aRunningOperation(clock.now() + 1_000, { deadlineTime: clock.now() + 2_000 });
      await put(store, running);
      assert.deepEqual(await dueIds(store, "lease"), []);
      await clock.advance(1_000);
      assert.deepEqual(await dueIds(store, "lease"), [running.id]);
      assert.deepEqual(await dueIds(store, "deadline"), []);
      await clock.advance(1_000);
      assert.deepEqual(await dueIds(store, "deadline"), [running.id]);
    }),
  );

  test(
    "due() returns everything in pages, including what began or is due in one instant, whatever ends between two pages",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      const running = Array.from({ length: 25 }, (_, index) =>
        aRunningOperation(index % 5 === 0 ? now + 1 : now, {
          createTime: now - (index % 3),
          parent: ["", "p", "p q", "p/r"][index % 4] ?? "",
        }),
      );
      const waiting = Array.from({ length: 17 }, (_, index) =>
        anOperation({ deadlineTime: index % 5 === 0 ? now + 1 : now - (index % 3) }),
      );
      await put(store, ...running, ...waiting);
      const leases = running.filter(({ leaseTime }) => leaseTime === now).map(({ id }) => id);
      const deadlines = waiting.filter(({ deadlineTime }) => Number(deadlineTime) <= now).map(({ id }) => id);
      for (const limit of [1, 2, 3, 7, 100]) {
        assert.deepEqual(await dueIds(store, "lease", limit), leases.toSorted());
        assert.deepEqual(await dueIds(store, "deadline", limit), deadlines.toSorted());
      }
      const seen: string[] = [];
      for await (const ids of duePages(store, "deadline", 4)) {
        seen.push(...ids);
        for (const id of ids) await write(store, { verb: "remove", id, parent: "" });
      }
      assert.deepEqual(seen.toSorted(), deadlines.toSorted());
      assert.deepEqual(await dueIds(store, "deadline"), []);
    }),
  );
}

/** The pages of due operations. Checks that no page exceeds its limit. */
async function* duePages(
  store: Store,
  by: DueQuery["by"],
  limit: number,
): AsyncGenerator<readonly string[], void> {
  let after: string | null = null;
  do {
    const page = await store.due({ by, limit, after });
    assert.ok(page.ids.length <= limit);
    yield page.ids;
    after = page.next;
  } while (after !== null);
}

/** The ids of all due operations, sorted. */
async function dueIds(store: Store, by: DueQuery["by"], limit = 10): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const page of duePages(store, by, limit)) ids.push(...page);
  return ids.toSorted();
}
