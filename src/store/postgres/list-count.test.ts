import assert from "node:assert/strict";
import { after, test } from "node:test";
import { compileFilter } from "../../core/filter/check.ts";
import { DEFAULT_ORDER } from "../../core/list/order.ts";
import { collectionOf } from "../../core/operation/collection.ts";
import { formatTimestamp } from "../../core/value/timestamp.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { after as afterEvent, aFinishedOperation, aRunningOperation, put } from "../suite/subject.suite.ts";
import { aMigratedAddress } from "./a-database.suite.ts";

const store = await openStore(await aMigratedAddress());
after(() => store.close());
const BEGIN = Date.UTC(2026, 0, 1);
const kept = Array.from({ length: 60 }, (_, index) => {
  const parent = index % 3 === 0 ? "" : `projects/${index % 3}`;
  const common = { parent, method: index % 2 === 0 ? "pack" : "clean", createTime: BEGIN + index * 1_000 };
  const target = index % 5 === 0 ? "t" : "";
  if (index % 4 === 0) return anOperation({ ...common, target });
  if (index % 4 === 1) return aRunningOperation(BEGIN * 2, { ...common, target });
  if (index % 4 === 2) return aFinishedOperation({ ...common, target });
  const running = aRunningOperation(BEGIN * 2, { ...common, target });
  const error = { code: "INTERNAL", message: "no", details: [] } as const;
  const now = running.createTime;
  return afterEvent(running, { type: "fail", now, attempt: 1, error, exception: null, retryTime: null });
});
for (const operation of kept) await put(store, operation);

const HALF = `metadata.createTime <= "${formatTimestamp(BEGIN + 30_000)}"`;
const FILTERS = [
  "",
  HALF,
  "done = true",
  "done = false",
  "metadata.state = FAILED",
  "metadata.state = FAILED AND metadata.verb = pack",
  "metadata.state = FAILED OR metadata.verb = pack",
  "NOT metadata.verb = pack",
  "metadata.target = t",
  `metadata.state != SUCCEEDED AND ${HALF}`,
  "metadata.state = SUCCEEDED AND metadata.state = FAILED",
];

/** The results of both ways: of the single statement, and from the rows. */
async function both(filter: string, parent: string, limit: number) {
  const query = { collection: collectionOf(parent), filter: compileFilter(filter) ?? null, limit };
  const counted = await store.count?.({ ...query, examples: 3 });
  // All matches among the records that the count examines.
  const { rows } = await store.rows({ ...query, order: DEFAULT_ORDER, after: null, limit: 100 });
  return { counted, rows };
}

for (const parent of ["-", "projects/1", ""]) {
  test(`a count of the collection "${parent}" is that of its rows, in one statement`, async () => {
    for (const filter of FILTERS) {
      const { counted, rows } = await both(filter, parent, 1_000);
      const done = rows.filter(({ endTime }) => endTime !== null).length;
      assert.deepEqual([counted?.count, counted?.done, counted?.complete], [rows.length, done, true], filter);
      assert.deepEqual(counted?.examples, rows.slice(0, 3), filter);
      assert.ok((counted?.lookedAt ?? 0) >= rows.length && (counted?.lookedAt ?? 0) <= kept.length, filter);
    }
  });
}

test("a count looks at no more than its limit, and says whether that was all", async () => {
  for (const [limit, complete] of [
    [59, false],
    [60, true],
  ] as const) {
    const { counted } = await both("metadata.target = t", "-", limit);
    assert.deepEqual([counted?.lookedAt, counted?.complete], [limit, complete]);
    assert.equal(counted?.count, complete ? 12 : 11, "the oldest of twelve is the last one");
  }
  const { counted } = await both("", "-", 7);
  assert.deepEqual([counted?.count, counted?.lookedAt, counted?.complete], [7, 7, false]);
  assert.equal(counted?.examples[0]?.id, kept.at(-1)?.id);
});

test("a filter that SQL cannot decide is not counted in SQL", async () => {
  for (const [filter, parent] of [
    ["words", "-"],
    ["metadata.verb = p*", "-"],
    ["error.code = INTERNAL", "-"],
    ["metadata.verb = pack OR words", "projects/1"],
    ["", "projects/-"],
    ["metadata.state = FAILED AND metadata.verb = pack AND words", "-"],
    ["metadata.state = FAILED AND metadata.verb = pack", "projects/-"],
  ] as const)
    assert.equal((await both(filter, parent, 100)).counted, undefined, `${filter} of ${parent}`);
});
