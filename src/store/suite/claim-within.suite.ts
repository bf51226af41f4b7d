import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, Store } from "../../core/ports/store.ts";
import { oneOfSeveral, onStore, put, type StoreSubject, write, writeAll } from "./subject.suite.ts";

/** The parents next to the parent and its children in the order of names. */
const PARENTS = [
  "p/a",
  "p/a/l/1",
  "p/a/l/2",
  "p/a-b",
  "p/a0",
  "p/a.",
  "p/ab",
  "p/A",
  "p",
  "q/a",
  "",
] as const;

/** Claims within a parent. */
export function claimWithinSuite(subject: StoreSubject): void {
  test(
    "claim() within a parent takes operations of it and below it, by priority and age, and nothing else",
    onStore(subject, async ({ store, clock }) => {
      const operations = PARENTS.flatMap((parent, index) =>
        [0, 3].map((priority) =>
          oneOfSeveral(subject, { parent, method: "m", priority, availableTime: clock.now() - index }),
        ),
      );
      await put(store, ...operations);
      const answer = await claim(store, { m: 9 }, { within: "p/a", limit: 9 });
      assert.deepEqual(
        answer.operations.map(({ parent, priority }) => `${parent} ${priority}`),
        ["p/a/l/2 3", "p/a/l/1 3", "p/a 3", "p/a/l/2 0", "p/a/l/1 0", "p/a 0"],
      );
      const [first] = answer.operations;
      assert.deepEqual(first, await store.read(first?.id ?? ""));
      const rest = await claim(store, { m: 99 }, { limit: 99 });
      assert.equal(rest.operations.length, operations.length - 6, "whoever has no parent takes the others");
    }),
  );

  test(
    "claim() within a parent says when there is more of it, and skips what may not be claimed",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      const of = (fields: Partial<Operation>) =>
        oneOfSeveral(subject, { parent: "p/a", method: "m", ...fields });
      await put(
        store,
        of({ availableTime: now + 7 }),
        of({ deadlineTime: now }),
        of({ blocked: true, parallelKey: "k" }),
        of({ method: "n" }),
        of({ availableTime: now - 5 }),
        oneOfSeveral(subject, { parent: "q", method: "m", availableTime: now + 3 }),
      );
      const none = await claim(store, { m: 0 }, { within: "p/a" });
      assert.equal(none.operations.length, 0);
      if (subject.isDistributed !== true) assert.equal(none.nextTime, now - 5);
      const one = await claim(store, { m: 9 }, { within: "p/a" });
      assert.deepEqual(
        one.operations.map(({ availableTime }) => availableTime),
        [now - 5],
      );
      if (subject.isDistributed !== true) assert.equal(one.nextTime, now + 7);
      assert.deepEqual((await claim(store, { m: 9 }, { within: "p/b" })).operations, []);
    }),
  );

  test(
    "claim() within a parent finds operations behind more of others than it examines",
    onStore(subject, async ({ store, clock }) => {
      const others = Array.from({ length: LIMITS.claimWithinExaminedMax + 1 }, () =>
        oneOfSeveral(subject, { parent: "busy", method: "m", availableTime: clock.now() - 9 }),
      );
      const last = oneOfSeveral(subject, { parent: "quiet", method: "m", availableTime: clock.now() });
      await writeAll(
        store,
        [...others, last].map((operation) => ({ verb: "insert", operation }) as const),
      );
      const { operations } = await claim(store, { m: 2 }, { within: "quiet" });
      assert.deepEqual(
        operations.map(({ id }) => id),
        [last.id],
      );
    }),
  );

  test(
    "claim() within a parent takes each operation once, and repeated claims take all of them",
    everythingOnce(subject),
  );
}

function everythingOnce(subject: StoreSubject): () => Promise<void> {
  const parent = fc.constantFrom(...PARENTS);
  const asked = fc.record({ within: fc.option(parent), limit: fc.nat({ max: 3 }) });
  return onStore(subject, async ({ store, clock }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(parent, { maxLength: 12 }),
        fc.array(asked, { maxLength: 6 }),
        async (of, claims) => {
          const stored = of.map((each) =>
            oneOfSeveral(subject, { parent: each, method: "m", availableTime: clock.now() }),
          );
          await writeAll(
            store,
            stored.map((operation) => ({ verb: "insert", operation }) as const),
          );
          const left = new Map(stored.map((each) => [each.id, each.parent]));
          for (const { within, limit } of claims) {
            const scope = within === null || within === "" ? {} : { within };
            const { operations } = await claim(store, { m: limit }, { ...scope, limit });
            const fitting = [...left.values()].filter((each) => isWithin(each, scope.within));
            assert.equal(operations.length, Math.min(limit, fitting.length));
            for (const operation of operations) {
              assert.ok(isWithin(operation.parent, scope.within));
              assert.ok(left.delete(operation.id), "nobody else has it");
            }
          }
          const rest = await claim(store, { m: 99 });
          assert.deepEqual(rest.operations.map(({ id }) => id).toSorted(), [...left.keys()].toSorted());
        },
      ),
      { numRuns: 15 },
    );
  });
}

function isWithin(parent: string, within: string | undefined): boolean {
  return within === undefined || `${parent}/`.startsWith(`${within}/`);
}

function claim(
  store: Store,
  wanted: Readonly<Record<string, number>>,
  { within, limit = 100 }: { readonly within?: string; readonly limit?: number } = {},
): Promise<ClaimAnswer> {
  return write(store, {
    verb: "claim",
    worker: "w",
    leaseMs: 30_000,
    limit,
    wanted: Object.entries(wanted).map(([method, most]) => ({ method, limit: most })),
    ...(within === undefined ? {} : { within }),
  });
}
