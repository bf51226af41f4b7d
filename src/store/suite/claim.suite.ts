import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { callerText } from "../../core/caller.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ClaimAnswer, ClaimCommand, Store } from "../../core/ports/store.ts";
import { transition } from "../../core/operation/transition.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { anyRecord } from "./records.suite.ts";
import {
  after,
  aRunningOperation,
  oneOfSeveral,
  onStore,
  put,
  read,
  readAll,
  type StoreSubject,
  write,
} from "./subject.suite.ts";

/** The store decides `claim`, according to `transition`. */
export function claimSuite(subject: StoreSubject): void {
  test(
    "claim() leases the operations that it takes and returns them as stored",
    onStore(subject, async ({ store, clock }) => {
      const operation = anOperation();
      await put(store, operation);
      const { operations, nextTime } = await claim(store, { m: 5 }, { method: operation.method });
      const now = clock.now();
      const stored = (await read(store, operation)) ?? operation;
      const next = after({ ...operation }, { type: "claim", now, worker: "w", leaseTime: now + 30_000 });
      assert.deepEqual(operations, [next]);
      assert.deepEqual(stored, next);
      assert.equal(nextTime, null);
    }),
  );

  test(
    "claim() skips operations that are running, finished, blocked, of another method, not available yet or past their deadline",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      const cancelled = after(anOperation({ method: "m" }), { type: "cancel", now });
      await put(
        store,
        aRunningOperation(now + 1, { method: "m" }),
        aRunningOperation(now - 1, { method: "m" }),
        cancelled,
        anOperation({ method: "n" }),
        anOperation({ method: "m", blocked: true, parallelKey: "k", availableTime: now - 9 }),
        anOperation({ method: "m", availableTime: now + 7 }),
        anOperation({ method: "m", deadlineTime: now }),
      );
      assert.deepEqual(await claim(store, { m: 10 }), { operations: [], nextTime: now + 7 });
    }),
  );

  test(
    "claim() takes the oldest availability first, whatever the method, within the limits of each and of all",
    onStore(subject, async ({ store, clock }) => {
      const at = (method: string, ago: number) =>
        oneOfSeveral(subject, { method, availableTime: clock.now() - ago });
      const [a1, a2, a3, b1, b2] = [at("a", 5), at("a", 4), at("a", 1), at("b", 3), at("b", 2)];
      await put(store, a3, b2, a2, b1, a1);
      const first = await claim(store, { a: 1, b: 5 }, { limit: 2 });
      assert.deepEqual([ids(first), first.nextTime], [[a1.id, b1.id], a2.availableTime]);
      const second = await claim(store, { a: 5, b: 5 }, { limit: 2 });
      assert.deepEqual([ids(second), second.nextTime], [[a2.id, b2.id], a3.availableTime]);
      const third = await claim(store, { a: 5, b: 5 }, { limit: 2 });
      assert.deepEqual([ids(third), third.nextTime], [[a3.id], null]);
    }),
  );

  test(
    "claim() lets tenants take turns while it leaves something, and takes everything once",
    onStore(subject, async ({ store, clock }) => {
      const of = (tenant: string, count: number, ago: number, fields: Partial<Operation> = {}) =>
        Array.from({ length: count }, () =>
          oneOfSeveral(subject, {
            method: "m",
            availableTime: clock.now() - ago,
            caller: callerText({ principal: "user:a", tenant }),
            ...fields,
          }),
        );
      const many = of("projects/many", 300, 50);
      const few = of("projects/few", 8, 20);
      const other = of("projects/other", 12, 10);
      const later = of("projects/later", 3, -1_000_000);
      const nobodys = of("", 5, 5, { caller: callerText({ principal: "user:a", tenant: null }) });
      await put(store, ...many, ...few, ...other, ...later, ...nobodys);
      // The first claim may not have known of tenants yet.
      const first = await claim(store, { m: 12 }, { limit: 12 });
      const second = ids(await claim(store, { m: 12 }, { limit: 12 }));
      const countOf = (operations: readonly Operation[]): number =>
        operations.filter(({ id }) => second.includes(id)).length;
      assert.ok(countOf(few) >= 1 && countOf(other) >= 3 && countOf(many) >= 3, second.join());
      const taken = [...ids(first), ...second];
      for (let left = true; left; ) {
        const answer = await claim(store, { m: 50 }, { limit: 50 });
        taken.push(...ids(answer));
        left = answer.operations.length > 0;
      }
      const all = [...many, ...few, ...other, ...nobodys].map(({ id }) => id);
      assert.deepEqual(taken.toSorted(), all.toSorted());
    }),
  );

  test(
    "claim() of one lets tenants take turns, and never takes a lower priority before a higher one",
    onStore(subject, async ({ store, clock }) => {
      const of = (tenant: string, priority: number, ago: number) =>
        oneOfSeveral(subject, {
          method: "m",
          priority,
          availableTime: clock.now() - ago,
          caller: callerText({ principal: "user:a", tenant }),
        });
      const many = Array.from({ length: 60 }, () => of("projects/many", 0, 50));
      const few = Array.from({ length: 5 }, () => of("projects/few", 0, 20));
      const urgent = Array.from({ length: 20 }, () => of("projects/many", 5, 10));
      await put(store, ...many, ...few, ...urgent);
      const taken: string[] = [];
      for (let each = 0; each < 44; each++) taken.push(...ids(await claim(store, { m: 1 }, { limit: 1 })));
      const urgentIds = new Set(urgent.map(({ id }) => id));
      assert.ok(taken.slice(0, 20).every((id) => urgentIds.has(id)));
      for (const { id } of few) assert.ok(taken.includes(id), "few wait behind many");
    }),
  );

  test(
    "claim() takes the highest priority first, whatever the method, and returns the oldest time that it left",
    onStore(subject, async ({ store, clock }) => {
      const at = (method: string, priority: number, ago: number) =>
        oneOfSeveral(subject, { method, priority, availableTime: clock.now() - ago });
      const [a9, a0, a5, b5, b7] = [
        at("a", 9, 1),
        at("a", 0, 9),
        at("a", 5, 3),
        at("b", 5, 4),
        at("b", 7, -6),
      ];
      await put(store, a0, b7, a5, b5, a9);
      const first = await claim(store, { a: 5, b: 5 }, { limit: 2 });
      assert.deepEqual([ids(first), first.nextTime], [[a9.id, b5.id], a0.availableTime]);
      const second = await claim(store, { a: 1, b: 5 }, { limit: 2 });
      assert.deepEqual([ids(second), second.nextTime], [[a5.id], a0.availableTime]);
      const third = await claim(store, { a: 5, b: 5 }, { limit: 2 });
      assert.deepEqual([ids(third), third.nextTime], [[a0.id], b7.availableTime]);
    }),
  );

  test(
    "claim() gives an operation to one of two concurrent claims",
    onStore(subject, async ({ store }) => {
      await put(store, anOperation({ method: "m" }));
      const answers = await Promise.all([claim(store, { m: 1 }), claim(store, { m: 1 })]);
      assert.equal(answers.flatMap((each) => each.operations).length, 1);
    }),
  );

  test(
    "claim() counts the attempts and keeps the first start time",
    onStore(subject, async ({ store, clock }) => {
      const first = aRunningOperation(clock.now() + 1);
      await put(store, after(first, { type: "release", now: clock.now(), attempt: 1 }));
      await clock.advance(5_000);
      const { operations } = await claim(store, { [first.method]: 1 });
      assert.equal(operations[0]?.attempt, 2);
      assert.equal(operations[0]?.startTime, first.startTime);
    }),
  );

  test(
    "claim() for no methods, or with a limit of 0, takes nothing",
    onStore(subject, async ({ store, clock }) => {
      await put(store, anOperation({ method: "m" }));
      assert.deepEqual(await claim(store, {}), { operations: [], nextTime: null });
      assert.deepEqual(await claim(store, { m: 0 }), { operations: [], nextTime: clock.now() });
      assert.deepEqual(await claim(store, { m: 1 }, { limit: 0 }), { operations: [], nextTime: clock.now() });
    }),
  );

  test("claim() equals transition(claim)", claimProperty(subject));
}

function claimProperty(subject: StoreSubject): () => Promise<void> {
  return onStore(subject, async ({ store, clock }) => {
    let run = 0;
    const records = fc.array(anyRecord(clock.now(), ["a", "b", "c"]), { maxLength: 12 });
    const limits = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.nat(4));
    await fc.assert(
      fc.asyncProperty(records, limits, fc.nat(6), async (drawn, wanted, limit) => {
        // Each run has its own methods, so that all runs can share a store.
        const prefix = `run${++run}`;
        const operations = drawn.map((each) => ({
          ...each,
          method: prefix + each.method,
          id: oneOfSeveral(subject).id,
        }));
        const own = Object.fromEntries(
          Object.entries(wanted).map(([method, most]) => [prefix + method, most]),
        );
        await put(store, ...operations);
        const answer = await claim(store, own, { limit });
        const expected = claimInModel(operations, own, limit, clock.now());
        assert.deepEqual(answer, expected);
        const byId = new Map(expected.operations.map((each) => [each.id, each]));
        const stored = await readAll(
          store,
          operations.map((each) => each.id),
        );
        assert.deepEqual(
          stored,
          operations.map((each) => byId.get(each.id) ?? each),
        );
      }),
    );
  });
}

/** The port's description of claims as code: one operation after the other, by `transition`. */
function claimInModel(
  operations: readonly Operation[],
  wanted: Readonly<Record<string, number>>,
  limit: number,
  now: number,
): ClaimAnswer {
  const left: Record<string, number> = { ...wanted };
  const claimed: Operation[] = [];
  let nextTime: number | null = null;
  const inOrder = operations.toSorted(
    (a, b) => b.priority - a.priority || a.availableTime - b.availableTime || (a.id < b.id ? -1 : 1),
  );
  for (const operation of inOrder) {
    const room = left[operation.method];
    if (room === undefined || operation.state !== "PENDING" || operation.blocked) continue;
    if (operation.deadlineTime !== null && operation.deadlineTime <= now) continue;
    const { next } = transition(operation, { type: "claim", now, worker: "w", leaseTime: now + 30_000 });
    if (next === undefined || room === 0 || claimed.length === limit) {
      nextTime = Math.min(nextTime ?? Number.POSITIVE_INFINITY, operation.availableTime);
      continue;
    }
    left[operation.method] = room - 1;
    claimed.push(next);
  }
  return { operations: claimed, nextTime };
}

/** Claims up to the given number of operations of each method; `method` replaces the only one. */
function claim(
  store: Store,
  wanted: Readonly<Record<string, number>>,
  { limit = 100, method }: { readonly limit?: number; readonly method?: string } = {},
): Promise<ClaimAnswer> {
  const command: ClaimCommand = {
    verb: "claim",
    worker: "w",
    leaseMs: 30_000,
    limit,
    wanted: Object.entries(wanted).map(([name, most]) => ({ method: method ?? name, limit: most })),
  };
  return write(store, command);
}

function ids(answer: ClaimAnswer): readonly string[] {
  return answer.operations.map((each) => each.id);
}
