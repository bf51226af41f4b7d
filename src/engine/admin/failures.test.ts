import assert from "node:assert/strict";
import { test } from "node:test";
import type { FailureRow } from "../../core/ports/statistics-store.ts";
import type { Store } from "../../core/ports/store.ts";
import { readFailures } from "./failures.ts";
import { rangeOf } from "./range.ts";

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 0, 2, 13, 30);

test("failures of a range have their counts for each hour", async () => {
  const asked: unknown[] = [];
  const row: FailureRow = {
    key: "k",
    method: "pack",
    code: "INTERNAL",
    reason: "HANDLER_FAILED",
    text: "no disk ‹n›",
    count: 5,
    firstTime: NOW - HOUR,
    lastTime: NOW,
    sample: "operations/x",
    hours: new Map([
      [NOW - HOUR / 2, 2],
      [NOW - (3 * HOUR) / 2, 3],
    ]),
  };
  const failures = (query: unknown) => Promise.resolve((asked.push(query), [row]));
  const store = { statistics: { failures } } as unknown as Store;
  const six = await readFailures(store, rangeOf("6h", NOW), { limit: 1_000, method: "pack" });
  const [group] = six.failures;
  assert.equal(group?.spark.length, 7, "the hour that the range begins in, whole");
  assert.deepEqual(group.spark.slice(-2), [3, 2]);
  assert.ok(!("hours" in group));
  assert.deepEqual(asked, [{ since: six.since, limit: 200, method: "pack" }]);
  assert.equal(six.since, Date.UTC(2026, 0, 2, 7));
  const { failures: short, since } = await readFailures(store, rangeOf("15m", NOW), { limit: 10 });
  assert.deepEqual([short[0]?.spark, asked[1]], [[2], { since, limit: 10 }]);
  for (const method of ["a\0b", "\uD800"])
    assert.deepEqual(await readFailures(store, rangeOf("15m", NOW), { limit: 10, method }), {
      failures: [],
      since,
    });
  assert.equal(asked.length, 2, "PostgreSQL refuses a name that it cannot keep, and is not asked");
  assert.equal(since, Date.UTC(2026, 0, 2, 13), "which is more than fifteen minutes ago, and told");
});
