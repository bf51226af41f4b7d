import { RECORDS } from "../list/gathered-page.ts";
import assert from "node:assert/strict";
import { test } from "node:test";
import { silence } from "../../core/events.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { listOrderOf } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { STRUCT } from "../../core/operation/payload.ts";
import type { ListAnswer, ListQuery } from "../../core/ports/lists.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { keysText } from "./statements-list.ts";
import { keysOf } from "./array.ts";
import { insertAll } from "./inserts.ts";
import { ListLookup, type ListSource } from "./list-lookup.ts";
import { toOperation } from "./row.ts";
import { READ } from "./statements.ts";
import { StoreClock } from "./store-clock.ts";
import { PostgresStore } from "./store.ts";

const address = await aMigratedAddress();
const database = open(address);

async function insert(operations: readonly Operation[]): Promise<void> {
  for (let from = 0; from < operations.length; from += 1_000) {
    await insertAll(queryOf(database), inserts(operations.slice(from, from + 1_000)));
  }
}

function query(parent: string, filter: string, fields: Partial<ListQuery> = {}): ListQuery {
  const compiled = compileFilter(filter) ?? null;
  const asked = { collection: collectionOf(parent), filter: compiled, order: listOrderOf("") };
  return { ...asked, after: null, limit: 10, ...fields };
}

/** A page and its cost in statements and records read. */
async function page(
  asked: ListQuery,
): Promise<{ readonly answer: ListAnswer; readonly statements: number; readonly records: number }> {
  let [statements, records] = [0, 0];
  const source: ListSource = {
    query: (text, parameters) => {
      statements++;
      return database.query(text, parameters);
    },
    read: async (ids) => {
      statements++;
      records += ids.length;
      const rows = await database.query(READ, keysOf(ids));
      const found = new Map(rows.map(toOperation).map((each) => [each.id, each]));
      return ids.map((id) => found.get(id));
    },
  };
  const { items, next } = await new ListLookup(source, asked, RECORDS).page();
  return { answer: { operations: items, next }, statements, records };
}

const MANY = LIMITS.listRowsExaminedMax + 500;
await insert(
  Array.from({ length: MANY }, (_, index) =>
    anOperation({ parent: "many", target: index === 3 ? "needle" : "hay" }),
  ),
);

for (const filter of ["metadata.target = needle", 'metadata.target = "nee*" AND done = false OR word']) {
  test(`a page looks at ${LIMITS.listRowsExaminedMax} operations at most, then comes back short: ${filter}`, async () => {
    const first = await page(query("many", filter));
    assert.deepEqual(first.answer.operations, []);
    assert.ok(first.answer.next !== null);
    const second = await page(query("many", filter, { after: first.answer.next }));
    assert.equal(second.answer.operations.length, 1);
    assert.equal(second.answer.next, null);
  });
}

test("a page without a filter takes two statements, and reads no more than it has room for", async () => {
  const { answer, statements, records } = await page(query("many", "", { limit: 7 }));
  assert.deepEqual([answer.operations.length, statements, records], [7, 2, 8]);
});

test("windows have no gaps: every record is found once, over many windows and pages", async () => {
  const seen = new Set<string>();
  let asked = query("many", "NOT needle", { limit: 3_700, order: listOrderOf("createTime") });
  for (;;) {
    const { answer } = await page(asked);
    for (const { id } of answer.operations) {
      assert.ok(!seen.has(id));
      seen.add(id);
    }
    if (answer.next === null) break;
    asked = { ...asked, after: answer.next };
  }
  assert.equal(seen.size, MANY - 1);
});

test("large payloads make chunks and pages shorter", async () => {
  const metadata = { type: STRUCT, json: `{"a":"${"x".repeat(1_000_000)}"}` };
  await insert(Array.from({ length: 40 }, () => anOperation({ parent: "large" })));
  await database.query("update operations set metadata_type = $1, metadata = $2 where parent = 'large'", [
    metadata.type,
    metadata.json,
  ]);
  const { answer, statements } = await page(query("large", "needle"));
  assert.deepEqual(answer.operations, []);
  assert.ok(answer.next !== null, "enough text was gone through");
  assert.ok(statements > 5, `${statements} statements`);
  const costly = await page(query("large", "a1 OR a2 OR a3 OR a4"));
  assert.ok((costly.answer.next?.id ?? "") > answer.next.id, "more words, fewer records");
});

test("callers who vary pages do not fill the server's memory with prepared statements", async () => {
  const own = open(address, { connections: 1 });
  const parts = {
    clock: systemClock,
    storeClock: new StoreClock(systemClock),
    random: systemRandom,
    tell: silence,
  };
  const store = new PostgresStore({ ...parts, database: own, key: new Uint8Array(32), readOnly: true });
  for (let limit = 1; limit <= 2 * LIMITS.listStatementsMax; limit++)
    await store.list(query("p", "", { limit }));
  assert.equal((await store.list(query("many", "", { limit: 3 }))).operations.length, 3);
  const [row] = await own.query("select count(*)::integer from pg_prepared_statements");
  assert.ok(Number(row?.[0]) < LIMITS.listStatementsMax + 9, String(row?.[0]));
});

test("the newest failures of a method over all parents are a seek, however many others there are", async () => {
  await database.query(`
    insert into operations (shard, id, parent, method, request, target, priority, attempts_max, state, revision, attempt,
      failed_attempts, create_time, time_to_live_ms, available_time, blocked, error, end_time, expire_time)
    select n % 64, gen_random_uuid(), 'failures/' || n % 99, 'common', '{}', '', 0, 1,
      'FAILED', 3, 1, 1, n, 0, n, false, '{"code":"ABORTED","message":"no","details":[]}', n, n
    from generate_series(1, 20000) n`);
  await insert([anOperation({ method: "rare", parent: "failures/7" })]);
  await database.query(`update operations set state = 'FAILED', error = '{"code":"ABORTED","message":"no","details":[]}',
    end_time = 5, expire_time = 5 where method = 'rare'`);
  await database.query("analyze operations");
  for (const states of [["FAILED"], ["FAILED", "CANCELLED"]] as const) {
    const text = keysText({ scan: "failures", states, descending: true, condition: "" }, 101);
    const plan = (await database.query(`explain (generic_plan, costs off) ${text}`)).map(([line]) =>
      String(line),
    );
    const scans = plan.filter((line) => line.includes("Scan"));
    assert.equal(scans.filter((line) => line.includes("Index Scan")).length, states.length, plan.join("\n"));
    for (const scan of scans.filter((line) => line.includes("Index Scan")))
      assert.match(scan, /Index Scan Backward using operations_failures/);
    const conditions = plan.filter((line) => line.includes("Index Cond"));
    for (const each of conditions)
      assert.match(each, /ROW\(method, state, id\) < ROW\(.*ROW\(method, state, id\) >= ROW\(/);
    assert.doesNotMatch(plan.join("\n"), /Filter/);
  }
  const rare = "metadata.state = FAILED AND metadata.verb = rare";
  const { answer, statements, records } = await page(query("-", rare));
  assert.deepEqual([answer.operations.length, answer.next, statements, records], [1, null, 2, 1]);
});
