import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { openStore } from "../open.ts";
import { aFinishedOperation, put } from "../suite/subject.suite.ts";
import { aMigratedAddress, open } from "./a-database.suite.ts";
import { purge } from "./purges.ts";

/** A database with expired records, some of which a foreign table keeps from being removed. */
async function anAddress(count: number, kept: number): Promise<{ address: string; ids: readonly string[] }> {
  const address = await aMigratedAddress();
  const store = await openStore(address, { keepsLeases: false });
  const operations = Array.from({ length: count }, () =>
    aFinishedOperation({ createTime: 1, timeToLiveMs: 0 }),
  );
  await put(store, ...operations);
  await store.close();
  const ids = operations.map(({ id }) => id);
  const database = open(address);
  await database.query(
    "create table archives (shard smallint, operation uuid, foreign key (operation, shard) references operations (id, shard))",
  );
  for (const id of ids.slice(0, kept))
    await database.query("insert into archives select shard, id from operations where id = $1", [id]);
  return { address, ids };
}

test("purge() removes records and returns the ids that it could not remove", async () => {
  const { address, ids } = await anAddress(8, 3);
  const store = await openStore(address, { keepsLeases: false });
  after(() => store.close());
  const first = await store.write({ verb: "purge", limit: 8 });
  assert.deepEqual(first.ids.toSorted(), ids.slice(3).toSorted());
  assert.deepEqual((first.failed ?? []).map(({ id }) => id).toSorted(), ids.slice(0, 3).toSorted());
  assert.match(first.failed?.[0]?.error.message ?? "", /./);
});

test("a record that another process has locked is skipped and reported", async () => {
  const { address, ids } = await anAddress(6, 0);
  const database = open(address);
  await database.transaction(async (query) => {
    await query("select 1 from operations where id = any($1::uuid[]) for update", [
      `{${ids.slice(0, 3).join(",")}}`,
    ]);
    const setting = { database, now: () => null, time: () => systemClock.now(), random: systemRandom };
    const { rows, passed } = await purge(setting, { verb: "purge", limit: 6 });
    assert.deepEqual(rows.map(([id]) => String(id)).toSorted(), ids.slice(3).toSorted());
    assert.equal(passed, 3);
  });
});
