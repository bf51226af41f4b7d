import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, open, queryOf } from "./a-database.suite.ts";
import { changePlaces, withKey } from "./place-commands.ts";
import { prepare } from "./prepared.ts";
import { drop, type Key, keyText, lock, placesOf, unblock } from "./places.ts";

/** Waits for a lock however long another transaction of a test has it. */
const database = open(await aMigratedAddress(), { patient: true });
const query = queryOf(database);

/** Operations of a key, one of which holds the place. */
async function queue(key: Key, ...priorities: readonly number[]): Promise<readonly Operation[]> {
  const operations = priorities.map((priority) =>
    anOperation({ method: key.method, parallelKey: key.key, priority }),
  );
  const parallel = { limit: 1, when: "queue" } as const;
  await database.transaction((inside) =>
    changePlaces(
      inside,
      operations.map((operation) => withKey(prepare({ verb: "insert", operation, parallel } as const))),
    ),
  );
  return operations;
}

const keysKept = async (method: string): Promise<number> =>
  Number((await query("select count(*) from parallel_keys where method = $1", [method]))[0]?.[0]);

const countsOf = (key: Key, count: number) => new Map([[keyText(key), { key, count }]]);

test("placesOf() counts the places that are held, and says whether an operation waits", async () => {
  const [one, two] = [
    { method: "placesOf", key: "k" },
    { method: "placesOf", key: "other" },
  ];
  const placesOfOne = async (most: number) => (await placesOf(query, countsOf(one, most))).get(keyText(one));
  assert.deepEqual(await placesOfOne(2), { held: 0, waits: false });
  await queue(one, 0);
  assert.deepEqual(await placesOfOne(2), { held: 1, waits: false });
  await queue(one, 0);
  assert.deepEqual(await placesOfOne(1), { held: 1, waits: true });
  const both = await placesOf(query, new Map([...countsOf(two, 1), ...countsOf(one, 1)]));
  assert.deepEqual(
    [...both.values()],
    [
      { held: 0, waits: false },
      { held: 1, waits: true },
    ],
  );
});

test("unblock() unblocks the heads: highest priority first, then the oldest", async () => {
  const key = { method: "heads", key: "k" };
  const [, low, high, middle] = await queue(key, 0, 1, 9, 1);
  assert.ok(low && high && middle);
  const unblocked = async (count: number) => (await unblock(query, countsOf(key, count))).map(({ id }) => id);
  assert.deepEqual(await unblocked(2), [high.id, low.id]);
  assert.deepEqual(await unblocked(9), [middle.id]);
  assert.deepEqual([await unblocked(1), await unblocked(0)], [[], []]);
});

test("unblock() unblocks the heads of several queues, each its own number", async () => {
  const keys = ["a", "b", "c"].map((key) => ({ method: "queues", key }));
  const queues = await Promise.all(keys.map((key) => queue(key, 0, 1, 2, 3)));
  const counts = keys.map((key, index) => [keyText(key), { key, count: index }] as const);
  const ids = new Set((await unblock(query, new Map(counts))).map(({ id }) => id));
  assert.deepEqual(
    queues.map((operations) => operations.map(({ id }) => ids.has(id))),
    [
      [false, false, false, false],
      [false, false, false, true],
      [false, false, true, true],
    ],
  );
});

test("lock() is held until the commit: the second transaction counts the places of the first", async () => {
  const key = { method: "turns", key: "k" };
  const order: string[] = [];
  const hasLocked = Promise.withResolvers<void>();
  const maySecond = Promise.withResolvers<void>();
  const first = database.transaction(async (inside) => {
    await lock(inside, [key]);
    hasLocked.resolve();
    await maySecond.promise;
    order.push("first ends");
  });
  await hasLocked.promise;
  const second = database.transaction(async (inside) => {
    const locking = lock(inside, [key]);
    await isWaiting();
    maySecond.resolve();
    await locking;
    order.push("second goes on");
  });
  await Promise.all([first, second]);
  assert.deepEqual(order, ["first ends", "second goes on"]);
});

/** Resolves when a statement waits for a lock. */
async function isWaiting(): Promise<void> {
  for (;;) {
    const [row] = await query(`
      select count(*) from pg_locks join pg_stat_activity using (pid)
      where not granted and datname = current_database()`);
    if (Number(row?.[0]) > 0) return;
  }
}

test("lock() takes each key once and in one order, whatever the order of a batch", async () => {
  const keys = Array.from({ length: 20 }, (_, index) => ({ method: "order", key: String(index) }));
  await database.transaction((inside) => lock(inside, [...keys, ...keys]));
  assert.equal(await keysKept("order"), 20);
  const orders = [keys, keys.toReversed(), [...keys.slice(7), ...keys.slice(0, 7)]];
  for (const inTheWay of ["3", "10", "17"]) {
    const locked = new Set<string>();
    for (const order of orders)
      locked.add((await lockedBefore(order, { method: "order", key: inTheWay })).join());
    assert.equal(locked.size, 1, [...locked].join(" or "));
  }
});

/** The keys that `lock()` holds when it reaches a key that another transaction holds. */
async function lockedBefore(keys: readonly Key[], inTheWay: Key): Promise<readonly string[]> {
  const undone = new Error("undone");
  const free = new Set<unknown>();
  let locking: Promise<unknown> | undefined;
  const somebody = database.transaction(async (inside) => {
    await lock(inside, [inTheWay]);
    locking = database.transaction(async (other) => {
      await lock(other, keys);
      throw undone;
    });
    // It may reject before anybody awaits it.
    locking.catch(() => undefined);
    await isWaiting();
    const unlocked = "select key from parallel_keys where method = $1 for update skip locked";
    for (const [key] of await query(unlocked, [inTheWay.method])) free.add(key);
    throw undone;
  });
  await assert.rejects(somebody, undone);
  await assert.rejects(Promise.resolve(locking), undone);
  return keys
    .map(({ key }) => key)
    .filter((key) => !free.has(key))
    .toSorted();
}

test("drop() keeps keys with unfinished operations", async () => {
  const kept = { method: "drop", key: "kept" };
  const empty = { method: "drop", key: "empty" };
  await queue(kept, 0);
  await database.transaction(async (inside) => {
    await lock(inside, [kept, empty]);
    await drop(inside, [kept, empty]);
  });
  assert.equal(await keysKept("drop"), 1);
});
