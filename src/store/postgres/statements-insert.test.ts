import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { inserts, open } from "./a-database.suite.ts";
import { insertAll } from "./inserts.ts";
import { Lookups } from "./lookups.ts";
import { lock } from "./places.ts";
import { address, plansSuite, query } from "./plans.suite.ts";
import { ofShard } from "./sharding.ts";
import * as statements from "./statements-insert.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";

plansSuite(statements, { FIND_BY_REQUEST: ["operations_request"] });

const database = open(address);
const lookups = new Lookups({
  database,
  random: systemRandom,
  clock: systemClock,
  tell: {},
  isDistributed: false,
  now: () => null,
});

test("rows of one shard are stored like rows of any shard: one or many, and once", async () => {
  const method = 'ä"\\{}, NULL';
  for (const count of [1, 2, 7]) {
    const operations = Array.from({ length: count }, (_, index) => {
      const { id } = anOperation();
      const onShard = `${id.slice(0, -2)}11`;
      return anOperation({ id: onShard, method, priority: index, deadlineTime: index === 0 ? null : index });
    });
    for (const again of [false, true]) {
      const batch = inserts(operations);
      for (const each of batch) each.isRepeated = again;
      const answers = await insertAll(ofShard(query, 17), batch);
      assert.deepEqual(
        answers.map(({ answer }) => answer),
        operations.map(() => ({ inserted: true, blocked: false })),
      );
    }
    assert.deepEqual(await Promise.all(operations.map(({ id }) => lookups.read(id))), operations);
  }
});

test("keys of one shard are locked like keys of any shard, once per turn", async () => {
  const keys = ["b", "a", "b"].map((key) => ({ method: "m", key }));
  for (let turn = 0; turn < 2; turn++) await lock(ofShard(query, 17), keys);
  const rows = await query("select shard, key, turn::integer from parallel_keys order by key");
  assert.deepEqual(
    [...rows],
    [
      [17, "a", 1],
      [17, "b", 1],
    ],
  );
});
