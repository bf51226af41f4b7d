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

test("removeLocked() returns whether each record held a place", async () => {
  const writer = writerOn(database);
  const [holder, blocked] = [1, 2].map(() => anOperation({ method: "n", parallelKey: "k" }));
  assert.ok(holder && blocked);
  for (const operation of [holder, blocked])
    await writer.write({ verb: "insert", operation, parallel: { limit: 1, when: "queue" } });
  const removals = [blocked, holder].map(({ id }) => prepare({ verb: "remove", id, parent: "" } as const));
  const seen = async (isRepeated: boolean) =>
    (
      await removeLocked(
        query,
        removals.map((each) => ({ ...each, isRepeated })),
      )
    ).map(({ answer: { removed }, freed }) => ({ removed, freed }));
  assert.deepEqual(await seen(false), [
    { removed: true, freed: false },
    { removed: true, freed: true },
  ]);
  const [gone, known] = [
    { removed: false, freed: false },
    { removed: true, freed: false },
  ];
  assert.deepEqual(
    [await seen(false), await seen(true)],
    [
      [gone, gone],
      [known, known],
    ],
  );
});
