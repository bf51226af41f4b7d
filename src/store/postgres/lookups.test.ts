import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { insertAll } from "./inserts.ts";
import { Lookups } from "./lookups.ts";

// These queries are for a distributed database, but an ordinary one answers them as well.
const database = open(await aMigratedAddress());
const operations = Array.from({ length: 100 }, () => anOperation());
await insertAll(queryOf(database), inserts(operations));

for (const isDistributed of [false, true]) {
  const where = isDistributed ? "shard by shard" : "in one statement";
  const lookups = new Lookups({
    database,
    random: systemRandom,
    clock: systemClock,
    tell: {},
    isDistributed,
    now: () => null,
  });

  test(`concurrent reads find their own records, ${where}`, async () => {
    const missing = anOperation();
    const found = await Promise.all([...operations, missing].map(({ id }) => lookups.read(id)));
    assert.deepEqual(found, [...operations, undefined]);
  });

  test(`over() reports records that do not exist, ${where}`, async () => {
    const missing = [anOperation().id, anOperation().id];
    const asked = [...operations.map(({ id }) => id), ...missing, "no id"];
    assert.deepEqual(new Set(await lookups.over(asked)), new Set([...missing, "no id"]));
  });
}

test("reads wait for others for gatherMs() if several came together before", async () => {
  let asked = 0;
  const gatherMs = (): number => ++asked;
  const parts = { database, random: systemRandom, clock: systemClock, tell: {}, isDistributed: false };
  const lookups = new Lookups({ ...parts, now: () => null, gatherMs });
  const ids = operations.slice(0, 2).map(({ id }) => id);
  await Promise.all(ids.map((id) => lookups.read(id)));
  assert.equal(asked, 0);
  await Promise.all(ids.map((id) => lookups.read(id)));
  assert.equal(asked, 1);
});
