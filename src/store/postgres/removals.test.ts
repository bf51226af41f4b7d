import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, open, queryOf, writerOn } from "./a-database.suite.ts";
import { prepare } from "./prepared.ts";
import { removeAll, removeLocked } from "./removals.ts";

const database = open(await aMigratedAddress());
const query = queryOf(database);

test("removeAll() removes records without a place, and returns the keys of records that may hold one", async () => {
  const writer = writerOn(database);
  const [free, holder, waiting, elsewhere] = [
    anOperation({ method: "m" }),
    anOperation({ method: "m", parallelKey: "k" }),
    anOperation({ method: "m", parallelKey: "k" }),
    anOperation({ method: "m", parent: "p" }),
  ];
  const parallel = { limit: 1, when: "queue" } as const;
  for (const operation of [free, elsewhere]) await writer.write({ verb: "insert", operation });
  for (const operation of [holder, waiting]) await writer.write({ verb: "insert", operation, parallel });
  const missing = anOperation();
  const removals = [free, holder, waiting, elsewhere, missing].map(({ id }) =>
    prepare({ verb: "remove", id, parent: "" } as const),
  );
  const removed = await removeAll(query, removals);
  assert.deepEqual(
    removed.map((each) => (each.key === undefined ? each.answer.removed : each.key)),
    [true, { method: "m", key: "k" }, true, false, false],
  );
  const again = removals.map((each) => ({ ...each, isRepeated: true }));
  assert.deepEqual(
    (await removeAll(query, again)).map((each) => (each.key === undefined ? each.answer.removed : each.key)),
    [true, { method: "m", key: "k" }, true, false, true],
  );
});

test("removeLocked() returns whether the record held a place", async () => {
  const writer = writerOn(database);
  const operation = anOperation({ method: "n", parallelKey: "k" });
  await writer.write({ verb: "insert", operation, parallel: { limit: 1, when: "queue" } });
  const removal = prepare({ verb: "remove", id: operation.id, parent: "" } as const);
  const first = await removeLocked(query, removal);
  assert.deepEqual([first.answer, first.freed], [{ removed: true }, true]);
  const second = await removeLocked(query, removal);
  assert.deepEqual([second.answer, second.freed], [{ removed: false }, false]);
  const repeated = await removeLocked(query, { ...removal, isRepeated: true });
  assert.deepEqual([repeated.answer, repeated.freed], [{ removed: true }, false]);
});
