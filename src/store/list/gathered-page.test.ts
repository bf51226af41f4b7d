import assert from "node:assert/strict";
import { test } from "node:test";
import { collectionOf } from "../../core/operation/collection.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { LIMITS } from "../../core/limits.ts";
import { listOrderOf } from "../../core/list/order.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { GatheredPage, SHOWN } from "./gathered-page.ts";
import { planOf } from "./plan.ts";

function aPage(limit: number, filter = "") {
  const query = {
    collection: collectionOf("p"),
    filter: compileFilter(filter) ?? null,
    order: listOrderOf(""),
    after: null,
    limit,
  };
  const dialect = { parentLike: () => ({ text: "", parameters: [] }) };
  return new GatheredPage(query, planOf(query, dialect), SHOWN);
}

function records(count: number, changes: Partial<Operation> = {}): readonly Operation[] {
  return Array.from({ length: count }, () => anOperation({ parent: "p", request: "", ...changes }));
}

test("a page is full with one more than its limit; the next page begins with that one", () => {
  const page = aPage(2);
  const found = records(3);
  assert.deepEqual(
    found.map((each) => page.take(each)),
    [false, false, true],
  );
  const { items, next } = page.full();
  assert.deepEqual(items, found.slice(0, 2));
  assert.equal(next?.id, found[1]?.id);
});

test("a page is full once its payloads are too large; one operation always fits", () => {
  const metadata = { type: "t", json: "x".repeat(LIMITS.pageBytesMax) };
  const [small, large] = [...records(1), ...records(1, { metadata })];
  assert.ok(small !== undefined && large !== undefined);
  const page = aPage(10);
  assert.equal(page.take(small), false);
  assert.equal(page.take(large), false, "exactly as much as there is room for");
  assert.equal(page.take({ ...small, metadata: { type: "t", json: "x" } }), true);
  assert.deepEqual(page.full().items, [small, large]);
  const alone = aPage(10);
  assert.equal(alone.take({ ...large, response: { type: "t", json: "x" } }), true);
  assert.equal(alone.full().items.length, 1);
});

test("a page is full once its requests or errors are too large", () => {
  const half = "x".repeat(LIMITS.pageBytesMax / 2);
  const error = { code: "ABORTED", message: "no", details: [{ "@type": "t", text: half }] } as const;
  for (const changes of [{ request: half }, { error }]) {
    const page = aPage(10);
    const taken = records(3, changes).map((each) => page.take(each));
    assert.ok(taken.at(-1), JSON.stringify(Object.keys(changes)));
  }
});

test("a record that does not match the filter is not taken, but counts as examined", () => {
  const page = aPage(10, "metadata.x = 1");
  const metadata = { type: "t", json: `{"x":2}` };
  for (const each of records(3, { metadata })) page.take(each);
  assert.equal(page.count, 0);
  assert.equal(page.textExamined, 3 * (LIMITS.listTextPerRecord + metadata.json.length));
  assert.equal(page.isEnough, false);
  page.rowsExamined = LIMITS.listRowsExaminedMax;
  assert.equal(page.isEnough, true);
  assert.deepEqual(page.upTo(["a"]), { items: [], next: { id: "a", endTime: null }, lookedAt: 0 });
  assert.deepEqual(page.upTo([5, "a"]).next, { id: "a", endTime: 5 });
  assert.equal(page.upTo(null).next, null);
});
