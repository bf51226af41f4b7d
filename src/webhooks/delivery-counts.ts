import type { Filter } from "../core/filter/filter.ts";
import type { OperationRow } from "../core/list/operation-row.ts";
import { DEFAULT_ORDER } from "../core/list/order.ts";
import { LIMITS } from "../core/limits.ts";
import { type Collection, collectionOf, WILDCARD } from "../core/operation/collection.ts";
import { idTime } from "../core/operation/id.ts";
import { parseCollection } from "../core/operation/name.ts";
import type { DeliveryCounts } from "../core/ports/webhook-admin.ts";
import type { Store } from "../core/ports/store.ts";
import { formatTimestamp } from "../core/value/timestamp.ts";
import { DELIVER_METHOD } from "../engine/admin/built-in.ts";
import { readFilter } from "../engine/listing/list.ts";
import { methodFilter } from "../engine/listing/rows.ts";
import { deliveriesOf } from "./endpoints/name.ts";

/** The counts of deliveries. */
export interface CountedDeliveries {
  /** The counts of an endpoint, by its name. */
  of(endpoint: string): DeliveryCounts;
  /** Deliveries stored since then are counted. Milliseconds since the epoch. */
  readonly since: number;
}

const NONE: DeliveryCounts = { delivered: 0, failed: 0, retrying: 0 };

/**
 * Counts the deliveries of the last hour with one query of the store, which examines at most
 * `LIMITS.webhookCountedMax` records.
 *
 * @param endpoint the name of one endpoint. @default all
 * @throws {StatusError} UNAVAILABLE
 */
export async function countDeliveries(
  store: Pick<Store, "rows" | "time">,
  endpoint?: string,
): Promise<CountedDeliveries> {
  const from = store.time() - LIMITS.webhookCountedMs;
  const { rows, next } = await store.rows({
    collection: collectionOfDeliveries(endpoint),
    filter: deliveriesSince(from),
    order: DEFAULT_ORDER,
    after: null,
    limit: LIMITS.webhookCountedMax,
  });
  const byParent = Map.groupBy(rows, ({ parent }) => parent);
  return {
    of: (name) => countsOf(byParent.get(deliveriesOf(name)) ?? []),
    since: next === null ? from : Math.max(from, idTime(next.id)),
  };
}

function collectionOfDeliveries(endpoint: string | undefined): Collection {
  if (endpoint === undefined) return collectionOf(WILDCARD);
  return collectionOf(parseCollection(deliveriesOf(endpoint)));
}

function deliveriesSince(from: number): Filter {
  const since = readFilter(`metadata.createTime >= "${formatTimestamp(from)}"`, new Map());
  const ofMethod = methodFilter(DELIVER_METHOD);
  return since === null ? ofMethod : { kind: "and", operands: [ofMethod, since] };
}

function countsOf(rows: readonly OperationRow[]): DeliveryCounts {
  const counts = { ...NONE };
  for (const { state, failedAttempts } of rows) {
    if (state === "SUCCEEDED") counts.delivered++;
    else if (state === "FAILED" || state === "CANCELLED") counts.failed++;
    else if (failedAttempts > 0) counts.retrying++;
  }
  return counts;
}
