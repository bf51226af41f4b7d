import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import type { InsertAnswer, Store } from "../../core/ports/store.ts";
import type { Event } from "../../core/operation/transition.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { historyProperty } from "./parallel-history.suite.ts";
import {
  after,
  insertOf,
  listen,
  onStore,
  put,
  read,
  readAll,
  type StoreSubject,
  write,
} from "./subject.suite.ts";

type When = "queue" | "reject";

/** Limits on parallel operations of a method and key, and the queue of waiting ones. */
export function parallelSuite(subject: StoreSubject): void {
  startSuite(subject);
  endSuite(subject);
  test("starts and ends in any order agree with the model", historyProperty(subject));
}

function startSuite(subject: StoreSubject): void {
  test(
    "insert() within a limit takes a place, and one above it is blocked, each as its record says",
    onStore(subject, async ({ store }) => {
      const [first, second, third] = [keyed(), keyed(), keyed()];
      assert.deepEqual(await start(store, first, 2), { inserted: true, blocked: false });
      assert.deepEqual(await start(store, second, 2), { inserted: true, blocked: false });
      assert.deepEqual(await start(store, third, 2), { inserted: true, blocked: true });
      assert.deepEqual(
        await readAll(
          store,
          [first, second, third].map(({ id }) => id),
        ),
        [first, second, { ...third, blocked: true }],
      );
    }),
  );

  test(
    "insert() that is rejected because of a limit stores nothing, and announces nothing",
    onStore(subject, async ({ store }) => {
      await start(store, keyed(), 1);
      const heard = listen(store);
      const late = keyed({ requestId: "r" });
      assert.deepEqual(await start(store, late, 1, "reject"), { inserted: false, occupied: true });
      assert.deepEqual([await read(store, late), heard], [undefined, []]);
    }),
  );

  test(
    "insert() counts each method and key separately, and nothing without a key",
    onStore(subject, async ({ store }) => {
      const others = [keyed({ method: "n" }), keyed({ parallelKey: "l" }), keyed({ parallelKey: "" })];
      await write(store, insertOf(anOperation({ method: "m" })));
      for (const each of [keyed(), ...others])
        assert.deepEqual(await start(store, each, 1, "reject"), { inserted: true, blocked: false });
      assert.deepEqual(await start(store, keyed({ parent: "another" }), 1, "reject"), {
        inserted: false,
        occupied: true,
      });
    }),
  );

  test(
    "insert() of a known request id returns the stored operation, whoever holds the place, and takes none",
    onStore(subject, async ({ store }) => {
      const first = keyed({ requestId: "r" });
      await start(store, first, 2);
      for (const [limit, when] of [
        [1, "reject"],
        [1, "queue"],
        [2, "reject"],
        [2, "queue"],
      ] as const) {
        const again = keyed({ requestId: "r" });
        assert.deepEqual(await start(store, again, limit, when), { inserted: false, existing: first });
      }
      assert.deepEqual(await start(store, keyed(), 2, "reject"), { inserted: true, blocked: false });
    }),
  );

  test(
    "insert() counts operations that were stored along with others, and those ended or removed before",
    onStore(subject, async ({ store, clock }) => {
      const [a, b, c, d] = [keyed(), keyed(), keyed(), keyed()];
      const starts = await Promise.all([
        start(store, a, 1),
        start(store, b, 1),
        start(store, c, 1, "reject"),
      ]);
      const ends = [await write(store, cancelled(a, clock.now())), await write(store, removalOf(b))];
      const started = await start(store, d, 1, "reject");
      assert.deepEqual(
        [...starts, ...ends, started],
        [
          { inserted: true, blocked: false },
          { inserted: true, blocked: true },
          { inserted: false, occupied: true },
          { replaced: true },
          { removed: true },
          { inserted: true, blocked: false },
        ],
      );
    }),
  );

  test(
    "insert() overtakes no waiting operation, not even with a higher limit, and a delayed operation holds its place",
    onStore(subject, async ({ store, clock }) => {
      const delayed = keyed({ availableTime: clock.now() + 60_000 });
      const [waiting, late] = [keyed({ priority: 1 }), keyed()];
      await start(store, delayed, 1);
      await start(store, waiting, 1);
      assert.deepEqual(await start(store, late, 5, "reject"), { inserted: false, occupied: true });
      assert.equal((await read(store, waiting))?.blocked, true);
    }),
  );

  test(
    "insert() under a raised limit unblocks the first in the queue, possibly its own record",
    onStore(subject, async ({ store }) => {
      const [holder, low, middle] = [keyed(), keyed(), keyed({ priority: 5 })];
      for (const each of [holder, low, middle]) await start(store, each, 1);
      const heard = listen(store);
      const high = keyed({ priority: 9 });
      assert.deepEqual(await start(store, high, 3), { inserted: true, blocked: false });
      const ids = [high, middle, low].map(({ id }) => id);
      const stored = await readAll(store, ids);
      assert.deepEqual(
        stored.map((each) => [each?.blocked, each?.revision]),
        [
          [false, 2],
          [false, 2],
          [true, 1],
        ],
      );
      assert.deepEqual(
        heard.flat().map(({ id, state }) => [id, state]),
        [high, high, middle].map(({ id }) => [id, "PENDING"]),
      );
    }),
  );
}

function endSuite(subject: StoreSubject): void {
  test(
    "an operation that ends unblocks one that waits: highest priority, oldest availability, smallest id",
    onStore(subject, async ({ store, clock }) => {
      const now = clock.now();
      const holder = keyed({ createTime: now - 9 });
      const queue = [
        keyed({ priority: 3, availableTime: now + 5 }),
        keyed({ priority: 2, availableTime: now - 5 }),
        keyed({ priority: 2, availableTime: now - 4 }),
        keyed({ priority: 2, availableTime: now - 4 }),
        keyed({ availableTime: now - 6 }),
      ];
      await start(store, holder, 1);
      for (const each of queue.toReversed()) await start(store, each, 1);
      let ends: Operation = holder;
      for (const each of queue) {
        await write(store, cancelled(ends, now));
        const unblocked = { ...each, blocked: false, revision: 2 };
        assert.deepEqual(await read(store, each), unblocked);
        ends = unblocked;
      }
    }),
  );

  test(
    "an unblocked operation is announced in the commit that unblocked it, after the one that ended, and can be claimed",
    onStore(subject, async ({ store, clock }) => {
      const [first, second, third] = [keyed(), keyed(), keyed()];
      for (const each of [first, second, third]) await start(store, each, 1);
      const heard = listen(store);
      await write(store, cancelled(first, clock.now()));
      const { availableTime, method } = second;
      const change = { parent: "", method, availableTime, cancelRequested: false };
      assert.deepEqual(heard.splice(0), [
        [
          { ...change, id: first.id, state: "CANCELLED", cancelRequested: true },
          { ...change, id: second.id, state: "PENDING" },
        ],
      ]);
      await write(store, removalOf(second));
      assert.deepEqual(heard, [
        [
          { ...change, id: second.id, state: null },
          { ...change, id: third.id, state: "PENDING" },
        ],
      ]);
      const wanted = [{ method, limit: 9 }];
      const { operations } = await write(store, { verb: "claim", worker: "w", leaseMs: 9, limit: 9, wanted });
      assert.deepEqual(
        operations.map((each) => [each.id, each.blocked, each.revision]),
        [[third.id, false, 3]],
      );
    }),
  );

  test(
    "an attempt that is released, fails or loses its lease keeps the place of its operation",
    onStore(subject, async ({ store, clock }) => {
      const [first, second] = [keyed({ attemptsMax: 9 }), keyed()];
      await start(store, first, 1);
      await start(store, second, 1);
      const now = clock.now();
      const claim = { type: "claim", now, worker: "w", leaseTime: now } as const;
      const error = { code: "ABORTED", message: "No.", details: [] } as const;
      const events: readonly Event[] = [
        claim,
        { type: "release", now, attempt: 1 },
        claim,
        { type: "fail", now, attempt: 2, error, exception: "Error", retryTime: now },
        claim,
        { type: "expire", now, retryTime: now },
      ];
      let operation: Operation = first;
      for (const event of events) {
        const next = after(operation, event);
        const command = { verb: "replace", next, expectedRevision: operation.revision } as const;
        assert.deepEqual(await write(store, command), { replaced: true }, event.type);
        operation = next;
      }
      assert.equal((await read(store, second))?.blocked, true);
      await write(store, cancelled(operation, now));
      assert.equal((await read(store, second))?.blocked, false);
    }),
  );

  test(
    "a waiting operation gives up no place when it ends or is removed, and neither does a finished one that is removed",
    onStore(subject, async ({ store, clock }) => {
      const [holder, second, third, fourth] = [keyed(), keyed(), keyed(), keyed()];
      for (const each of [holder, second, third, fourth]) await start(store, each, 1);
      const ended = cancelled({ ...second, blocked: true }, clock.now());
      await write(store, ended);
      assert.deepEqual(await read(store, second), ended.next);
      assert.equal(ended.next.blocked, true);
      for (const each of [second, third]) await write(store, removalOf(each));
      assert.equal((await read(store, fourth))?.blocked, true);
    }),
  );

  test(
    "a refused replacement gives up no place",
    onStore(subject, async ({ store, clock }) => {
      const [holder, waiting] = [keyed(), keyed()];
      for (const each of [holder, waiting]) await start(store, each, 1);
      const answer = await write(store, { ...cancelled(holder, clock.now()), expectedRevision: 7 });
      assert.deepEqual([answer, (await read(store, waiting))?.blocked], [{ replaced: false }, true]);
    }),
  );

  test(
    "claim() and its next time skip blocked operations",
    onStore(subject, async ({ store, clock }) => {
      const delayed = anOperation({ method: "m", availableTime: clock.now() + 50 });
      const waiting = Array.from({ length: 20 }, () =>
        anOperation({ method: "m", blocked: true, parallelKey: "k", priority: 9 }),
      );
      await put(store, ...waiting.map((each) => ({ ...each, parallelKey: each.id })), delayed);
      const wanted = [{ method: "m", limit: 5 }];
      assert.deepEqual(await write(store, { verb: "claim", worker: "w", leaseMs: 9, limit: 5, wanted }), {
        operations: [],
        nextTime: clock.now() + 50,
      });
    }),
  );
}

/** An operation of the method `m` with the key `k`. */
function keyed(fields: Partial<Operation> = {}): Operation {
  return anOperation({ method: "m", parallelKey: "k", ...fields });
}

/** Starts an operation under a limit. */
function start(
  store: Store,
  operation: Operation,
  limit: number,
  when: When = "queue",
): Promise<InsertAnswer> {
  return write(store, insertOf(operation, { limit, when }));
}

const removalOf = ({ id, parent }: Operation) => ({ verb: "remove", id, parent }) as const;

function cancelled(operation: Operation, now: number) {
  const next = after(operation, { type: "cancel", now });
  return { verb: "replace", next, expectedRevision: operation.revision } as const;
}
