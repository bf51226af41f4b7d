import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { LiveCount } from "../../core/ports/statistics-store.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { after, onStore, oneOfSeveral, put, insertOf, type StoreSubject, writeAll } from "./subject.suite.ts";

const NONE = { waiting: 0, blocked: 0, delayed: 0, running: 0, oldestWaiting: null, oldestBlocked: null };

const byMethod = (counts: readonly LiveCount[]): readonly LiveCount[] =>
  counts.toSorted((a, b) => (a.method < b.method ? -1 : 1));

/** Counts of current operations. */
export function countsSuite(subject: StoreSubject): void {
  describe("counts", () => {
    it(
      "counts unfinished operations of a parent and of all below it, up to a limit",
      onStore(subject, async ({ store }) => {
        const within = [
          "projects/p",
          "projects/p",
          "projects/p/locations/l",
          "projects/p/locations/m",
          "projects/p/a/b",
        ];
        const others = ["projects", "projects/p-x", "projects/p0", "projects/pp", "projects/q", ""];
        const operations = [...within, ...others].map((parent) =>
          oneOfSeveral(subject, { method: "m", parent }),
        );
        const ended = after(anOperation({ parent: "projects/p" }), { type: "cancel", now: store.time() });
        await put(store, ...operations, ended);
        const wanted = [{ method: "m", limit: 3 }];
        await store.write({ verb: "claim", worker: "w", leaseMs: 60_000, limit: 3, wanted });
        assert.equal(await store.statistics.unfinished("projects/p", 100), 5);
        assert.equal(await store.statistics.unfinished("projects/p", 3), 3);
        assert.equal(await store.statistics.unfinished("projects/p/locations", 100), 2);
        assert.equal(await store.statistics.unfinished("projects/none", 100), 0);
      }),
    );

    it(
      "counts unfinished operations by method, with the oldest waiting one",
      onStore(subject, async ({ store }) => {
        const now = store.time();
        const at = (availableTime: number, fields: Partial<Operation> = {}): Operation =>
          oneOfSeveral(subject, { method: "m1", createTime: now - 9_000, availableTime, ...fields });
        const keyed = Array.from({ length: 4 }, (_, index) =>
          at(now - 5_000 + index, { method: "m2", parallelKey: "k" }),
        );
        for (const operation of keyed) await store.write(insertOf(operation, { limit: 1, when: "queue" }));
        await writeAll(
          store,
          [
            at(now - 3_000, { priority: 9 }),
            at(now - 4_000, { priority: 2 }),
            at(now - 2_000),
            at(now + 60_000),
            at(now + 60_000, { priority: 5 }),
            at(now - 1_000, { method: "m3" }),
          ].map((operation) => insertOf(operation)),
        );
        const wanted = [{ method: "m3", limit: 9 }];
        await store.write({ verb: "claim", worker: "w", leaseMs: 60_000, limit: 9, wanted });
        assert.deepEqual(byMethod(await store.statistics.counts()), [
          { ...NONE, method: "m1", waiting: 3, delayed: 2, oldestWaiting: now - 4_000 },
          {
            ...NONE,
            method: "m2",
            waiting: 1,
            blocked: 3,
            oldestWaiting: now - 5_000,
            oldestBlocked: now - 4_999,
          },
          { ...NONE, method: "m3", running: 1 },
        ]);
      }),
    );

    it(
      "counts up to one more than the limit",
      onStore(subject, async ({ store }) => {
        const now = store.time();
        const some = Array.from({ length: LIMITS.countedMax + 2 }, (_, index) =>
          insertOf(oneOfSeveral(subject, { method: "m1", availableTime: now - 9_000, priority: index % 2 })),
        );
        await writeAll(store, some);
        const waiting = LIMITS.countedMax + 1;
        assert.deepEqual(await store.statistics.counts(), [
          { ...NONE, method: "m1", waiting, oldestWaiting: now - 9_000 },
        ]);
      }),
    );

    it(
      "returns the keys of a method with the most blocked operations",
      onStore(subject, async ({ store }) => {
        const now = store.time();
        const start = async (key: string, count: number, limit: number): Promise<void> => {
          for (let index = 0; index < count; index++) {
            const fields = { method: "m", parallelKey: key, availableTime: now - 100 + index };
            await store.write(insertOf(oneOfSeveral(subject, fields), { limit, when: "queue" }));
          }
        };
        await start("few", 3, 2);
        await start("most", 5, 1);
        await start("none", 1, 1);
        assert.deepEqual(await store.statistics.keys("m", 9), [
          { key: "most", blocked: 4, held: 1, oldestBlocked: now - 99 },
          { key: "few", blocked: 1, held: 2, oldestBlocked: now - 98 },
        ]);
        assert.equal((await store.statistics.keys("m", 1)).length, 1);
        assert.deepEqual(await store.statistics.keys("other", 9), []);
      }),
    );
  });
}
