import assert from "node:assert/strict";
import { test } from "node:test";
import type { OperationRow } from "../core/list/operation-row.ts";
import { LIMITS } from "../core/limits.ts";
import { IdSource, idTime } from "../core/operation/id.ts";
import type { ListQuery, RowsAnswer } from "../core/ports/lists.ts";
import type { Store } from "../core/ports/store.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { countDeliveries } from "./delivery-counts.ts";
import { deliveriesOf } from "./endpoints/name.ts";

const NOW = Date.UTC(2026, 0, 2);
const BILLING = "projects/p/webhookEndpoints/billing";
const ALL = "webhookEndpoints/all";

/** A store that returns rows, and records the last query. */
function storeOf(answer: Partial<RowsAnswer>): {
  readonly store: Pick<Store, "rows" | "time">;
  readonly asked: ListQuery[];
} {
  const asked: ListQuery[] = [];
  const rows = async (query: ListQuery): Promise<RowsAnswer> => {
    asked.push(query);
    return { rows: [], next: null, lookedAt: 0, ...answer };
  };
  return { store: { rows, time: () => NOW }, asked };
}

const row = (endpoint: string, state: OperationRow["state"], failedAttempts = 0): OperationRow =>
  ({ parent: deliveriesOf(endpoint), state, failedAttempts }) as OperationRow;

test("deliveries are counted by endpoint: delivered, failed, and retrying", async () => {
  const { store } = storeOf({
    rows: [
      row(BILLING, "SUCCEEDED"),
      row(BILLING, "SUCCEEDED", 2),
      row(BILLING, "FAILED", 10),
      row(BILLING, "CANCELLED"),
      row(BILLING, "PENDING", 1),
      row(BILLING, "RUNNING", 3),
      row(BILLING, "PENDING"),
      row(ALL, "SUCCEEDED"),
    ],
  });
  const counted = await countDeliveries(store);
  assert.deepEqual(counted.of(BILLING), { delivered: 2, failed: 2, retrying: 2 });
  assert.deepEqual(counted.of(ALL), { delivered: 1, failed: 0, retrying: 0 });
  assert.deepEqual(counted.of("webhookEndpoints/none"), { delivered: 0, failed: 0, retrying: 0 });
  assert.equal(counted.since, NOW - LIMITS.webhookCountedMs);
});

test("one read is limited, and the answer says how far back it reached", async () => {
  const id = new IdSource(seededRandom(1)).next(NOW - 600_000);
  const { store, asked } = storeOf({ next: { id, endTime: null } });
  assert.equal((await countDeliveries(store)).since, idTime(id));
  await countDeliveries(store, BILLING);
  assert.deepEqual(
    asked.map(({ limit, collection }) => [limit, collection.parent]),
    [
      [LIMITS.webhookCountedMax, "-"],
      [LIMITS.webhookCountedMax, deliveriesOf(BILLING)],
    ],
  );
});
