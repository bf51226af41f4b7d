import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { insertOf } from "../suite/subject.suite.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { keyOf, Places } from "./places.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";

const single = { limit: 1, when: "queue" } as const;
const double = { limit: 2, when: "queue" } as const;

function somePlaces() {
  const database = openForWriting(MEMORY);
  migrate(database, 0);
  const writer = new Writer(database);
  const start = (priority: number) => {
    const operation = anOperation({ method: "m", parallelKey: "k", priority });
    writer.run([insertOf(operation, single)], 0);
    return operation.id;
  };
  return { places: new Places(database), start };
}

test("a place is free below the limit, unless an operation waits for one", () => {
  const { places, start } = somePlaces();
  const key = { method: "m", key: "k" };
  assert.equal(places.isFree(key, single), true);
  start(0);
  assert.deepEqual([places.isFree(key, single), places.isFree(key, double)], [false, true]);
  start(0);
  assert.equal(places.isFree(key, { limit: 9, when: "queue" }), false);
});

test("unblockWhileFree() unblocks the first in the queue up to the limit, unblockNext() one whatever the limit", () => {
  const { places, start } = somePlaces();
  const key = { method: "m", key: "k" };
  const [, low, high, middle] = [0, 1, 9, 5].map(start);
  assert.deepEqual(places.unblockWhileFree(key, single), []);
  const filled = places.unblockWhileFree(key, double);
  assert.deepEqual(
    filled.map(([id]) => id),
    [high],
  );
  assert.equal(places.unblockNext(key)?.[0], middle);
  assert.equal(places.unblockNext(key)?.[0], low);
  assert.equal(places.unblockNext(key), undefined);
});

test("keyOf() is undefined if the operation has no limit", () => {
  assert.equal(keyOf(anOperation()), undefined);
  assert.deepEqual(keyOf(anOperation({ method: "m", parallelKey: "" })), { method: "m", key: "" });
});
