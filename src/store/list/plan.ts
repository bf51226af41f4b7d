import { type Collection, WILDCARD } from "../../core/operation/collection.ts";
import { payloadTerms } from "../../core/filter/matches.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ListPosition } from "../../core/list/order.ts";
import { STATES, type State } from "../../core/operation/operation.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import { type Condition, conditionOf, type SqlValue } from "./condition.ts";
import { isByMethodAndState, methodBounds } from "./methods.ts";
import { EVERYTHING, type ListRange, rangeOf } from "./range.ts";
import { stateBounds } from "./states.ts";
import { CONDITIONS, type ScanKind } from "./statements.ts";

/** The position of a scan: an id, or an end time and an id. */
export type ScanKey = readonly [id: string] | readonly [endTime: number, id: string];

/** One index, read from one key to another. */
export interface Scan {
  readonly kind: ScanKind;
  readonly descending: boolean;
  /** The parameters of the scan itself, for each of its branches. */
  readonly branches: readonly (readonly SqlValue[])[];
  /** Exclusive. */
  readonly from: ScanKey;
  /** Inclusive. */
  readonly to: ScanKey;
  /** The filter as SQL, as far as SQL can express it; empty if it cannot. */
  readonly condition: string;
  readonly parameters: readonly SqlValue[];
}

/** How a list is read: these scans, one after the other. */
export interface ListPlan {
  readonly scans: readonly Scan[];
  /**
   * Whether every record of the scans belongs to the list: no record needs checking, and no limit
   * is needed.
   */
  readonly exact: boolean;
  /**
   * Whether the conditions of the scans hold for the records of the list and for no others, so that
   * SQL can check the whole filter.
   */
  readonly inSql: boolean;
  /** How many times a filter may read the text of a record's payloads. */
  readonly payloadTerms: number;
}

const UNFINISHED: ReadonlySet<State> = new Set(["PENDING", "RUNNING"]);
const FAILURES: ReadonlySet<State> = new Set(["FAILED", "CANCELLED"]);

/** The differences between SQLite and PostgreSQL. */
export interface ListDialect {
  /**
   * A condition that is true for every parent of a collection with wildcards, and possibly for
   * others.
   */
  parentLike(collection: Collection): Pick<Condition, "text" | "parameters">;
}

/** A list, and the dialect for its SQL. */
type Asked = ListQuery & { readonly dialect: ListDialect };

/** Chooses the indexes along which a list is read. */
export function planOf(listQuery: ListQuery, dialect: ListDialect): ListPlan {
  const query = { ...listQuery, dialect };
  const { collection, filter, order } = query;
  const { states, exact } = filter === null ? { states: new Set(STATES), exact: true } : stateBounds(filter);
  const failures = failuresScan(query, states);
  if (failures !== undefined) return failures;
  const scans = order.by === "endTime" ? endScans(query, states) : createScans(query, states);
  // A scan of all states with a condition on the state skips records.
  const isServed = scans.every((each) => each.condition === "");
  const isWhole = !collection.isWide || isEverything(collection);
  return {
    scans,
    exact: exact && isServed && isWhole,
    inSql: isWhole && (filter === null || conditionOf(filter)?.exact === true),
    payloadTerms: filter === null ? 0 : payloadTerms(filter),
  };
}

/**
 * Failed and cancelled operations of some methods over several collections: any other scan would
 * examine all operations. A single collection has its own index of failures.
 */
function failuresScan(query: Asked, states: ReadonlySet<State>): ListPlan | undefined {
  const { filter, order, collection, dialect } = query;
  if (filter === null || !collection.isWide || order.by !== "createTime") return undefined;
  const methods = methodBounds(filter);
  if (states.size === 0 || !states.isSubsetOf(FAILURES) || methods === undefined) return undefined;
  if (methods.size > LIMITS.listMethodsMax) return undefined;
  const branches = Array.from(methods).flatMap((method) => Array.from(states, (state) => [method, state]));
  if (branches.length === 0) return undefined;
  const isServed = isByMethodAndState(filter);
  const own = isServed ? [] : [conditionOf(filter)].filter((each) => each !== undefined);
  const all = [...own, ...parentsOf(collection, dialect)];
  const scan = {
    ...idScan(query, "failures", branches, query.after),
    condition: all.length === 0 ? "" : CONDITIONS.all(all.map((each) => each.text)),
    parameters: all.flatMap((each) => each.parameters),
  };
  const isAll = isEverything(collection);
  const inSql = isAll && (isServed || conditionOf(filter)?.exact === true);
  return { scans: [scan], exact: isServed && isAll, inSql, payloadTerms: payloadTerms(filter) };
}

function isEverything({ parent, within }: Collection): boolean {
  return parent === WILDCARD && within === undefined;
}

/** The SQL conditions for the parents of several collections. */
function parentsOf(
  collection: Collection,
  dialect: ListDialect,
): readonly Pick<Condition, "text" | "parameters">[] {
  const { parent, isWide, within } = collection;
  if (!isWide) return [];
  const like = parent === WILDCARD ? [] : [dialect.parentLike(collection)];
  if (within === undefined) return like;
  // A wildcard at the end covers everything below, because it also matches slashes.
  const below = within
    .flatMap((each) => [each, `${each}/${WILDCARD}`])
    .map((each) => dialect.parentLike({ parent: each, isWide: true }));
  if (below.length === 0) return [...like, { text: CONDITIONS.never, parameters: [] }];
  const text = CONDITIONS.any(below.map((each) => each.text));
  return [...like, { text, parameters: below.flatMap((each) => each.parameters) }];
}

/** In the order of creation: along the ids, of some states or of all. */
function createScans(query: Asked, states: ReadonlySet<State>): readonly Scan[] {
  if (states.size === 0) return [];
  const { after, collection } = query;
  if (collection.isWide) return [idScan(query, "id", [[]], after)];
  if (!states.has("SUCCEEDED")) return [stateScan(query, states, after)];
  return [idScan(query, "list", [[collection.parent]], after)];
}

/**
 * In the order of the end: finished operations along the index of end times, unfinished ones along
 * the ids.
 */
function endScans(query: Asked, states: ReadonlySet<State>): readonly Scan[] {
  const { after, collection, order } = query;
  const unfinished = states.intersection(UNFINISHED);
  const scans: Scan[] = [];
  const isPast = after !== null && after.endTime !== null && order.descending;
  if (unfinished.size > 0 && !isPast) {
    scans.push(stateScan(query, unfinished, after?.endTime === null ? after : null));
  }
  const isOver = after !== null && after.endTime === null && !order.descending;
  if (unfinished.size < states.size && !isOver) {
    const [from, to] = endKeys(rangeFor(query), query);
    const wanted = conditionFor(query, states.size < STATES.length - UNFINISHED.size + unfinished.size);
    scans.push({
      kind: "end",
      descending: order.descending,
      branches: [[collection.parent]],
      from,
      to,
      ...wanted,
    });
  }
  return order.descending ? scans : scans.toReversed();
}

function stateScan(query: Asked, states: ReadonlySet<State>, after: ListPosition | null): Scan {
  const branches = Array.from(states, (state) => [query.collection.parent, state]);
  return idScan(query, "state", branches, after);
}

function idScan(
  query: Asked,
  kind: ScanKind,
  branches: readonly (readonly SqlValue[])[],
  after: ListPosition | null,
): Scan {
  const { descending } = query.order;
  const { idLow, idHigh } = rangeFor(query);
  const id = after?.id ?? (descending ? idHigh : idLow);
  const from = descending ? (id < idHigh ? id : idHigh) : id > idLow ? id : idLow;
  return {
    kind,
    descending,
    branches,
    from: [from],
    to: [descending ? idLow : idHigh],
    ...conditionFor(query, kind !== "state"),
  };
}

function endKeys({ endLow, endHigh }: ListRange, { after, order }: ListQuery): readonly [ScanKey, ScanKey] {
  const low = [endLow, EVERYTHING.idLow] as const;
  const high = [endHigh, EVERYTHING.idHigh] as const;
  const [near, far] = order.descending ? [high, low] : [low, high];
  if (after === null || after.endTime === null) return [near, far];
  const isInside = order.descending ? after.endTime <= endHigh : after.endTime >= endLow;
  return [isInside ? [after.endTime, after.id] : near, far];
}

function rangeFor({ filter, collection }: ListQuery): ListRange {
  return filter === null ? EVERYTHING : rangeOf(filter, collection);
}

/**
 * @param byState true if the condition must test the states that the filter asks for; false if the
 * scan does so
 */
function conditionFor(
  { filter, collection, dialect }: Asked,
  byState: boolean,
): Pick<Scan, "condition" | "parameters"> {
  const isServed = filter === null || (!byState && stateBounds(filter).exact);
  const condition = isServed ? undefined : conditionOf(filter);
  const own = condition === undefined || condition.text === CONDITIONS.always ? [] : [condition];
  const all = [...own, ...parentsOf(collection, dialect)];
  return {
    condition: all.length === 0 ? "" : CONDITIONS.all(all.map((each) => each.text)),
    parameters: all.flatMap((each) => each.parameters),
  };
}
