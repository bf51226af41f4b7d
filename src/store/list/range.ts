import type { Collection } from "../../core/operation/collection.ts";
import type { Comparison, Filter } from "../../core/filter/filter.ts";
import { formatName } from "../../core/operation/name.ts";

/**
 * Bounds outside of which a filter matches nothing. Both bounds of the ids are exclusive and are
 * never whole ids.
 */
export interface ListRange {
  readonly idLow: string;
  readonly idHigh: string;
  /** Milliseconds since the Unix epoch, both inclusive. */
  readonly endLow: number;
  readonly endHigh: number;
}

/** Sorts after every id that begins with the same prefix, because ids are hexadecimal. */
const AFTER = "g";

export const EVERYTHING: ListRange = {
  idLow: "",
  idHigh: AFTER,
  endLow: 0,
  endHigh: Number.MAX_SAFE_INTEGER,
};

/**
 * An id contains its creation time, except that ids borrow future milliseconds when more than 4,096
 * are made in one millisecond. They never borrow a whole second: that would take four million ids
 * in one second. A condition beside the range checks the exact time.
 */
const ID_SLACK_MS = 1_000;
const ID_TIME_MAX = 2 ** 48 - 1;

/** The intersection of the ranges of all comparisons that must hold. */
export function rangeOf(filter: Filter, collection: Collection): ListRange {
  if (filter.kind === "and") {
    return filter.operands.map((each) => rangeOf(each, collection)).reduce(overlap);
  }
  return filter.kind === "comparison" ? rangeOfComparison(filter, collection) : EVERYTHING;
}

function overlap(a: ListRange, b: ListRange): ListRange {
  return {
    idLow: a.idLow > b.idLow ? a.idLow : b.idLow,
    idHigh: a.idHigh < b.idHigh ? a.idHigh : b.idHigh,
    endLow: Math.max(a.endLow, b.endLow),
    endHigh: Math.min(a.endHigh, b.endHigh),
  };
}

function rangeOfComparison(comparison: Comparison, collection: Collection): ListRange {
  const { field, comparator, value } = comparison;
  const [top, name] = field.path;
  if (top === "name") return rangeOfName(comparison, collection);
  const { time } = value;
  if (field.type !== "time" || time === undefined || comparator === "!=") return EVERYTHING;
  const low = comparator.startsWith("<") ? 0 : Math.max(0, Math.ceil(time));
  const high = comparator.startsWith(">") ? Number.MAX_SAFE_INTEGER : Math.floor(time);
  if (name === "endTime") return { ...EVERYTHING, endLow: low, endHigh: high };
  if (name !== "createTime") return EVERYTHING;
  return {
    ...EVERYTHING,
    idLow: low === 0 ? "" : idPrefix(low - ID_SLACK_MS),
    idHigh: high === Number.MAX_SAFE_INTEGER ? AFTER : idPrefix(high + ID_SLACK_MS) + AFTER,
  };
}

/**
 * `name = "…"`, or a prefix of the name, in a list of one parent: only the ids of these names
 * differ.
 */
function rangeOfName({ comparator, value }: Comparison, { parent, isWide }: Collection): ListRange {
  const { pattern, text } = value;
  if (isWide || comparator !== "=" || pattern?.openFirst === true) return EVERYTHING;
  const before = formatName({ parent, id: "" });
  const wanted = pattern?.text ?? text;
  // A text that is not a name of this parent matches nothing; `matches` decides that.
  if (!wanted.startsWith(before) || wanted.length <= before.length) return EVERYTHING;
  const prefix = wanted.slice(before.length, pattern === undefined ? -1 : undefined);
  // The bound of a range must not be a whole id.
  const shorter = prefix.slice(0, 35);
  return /^[0-9a-f-]*$/.test(shorter)
    ? { ...EVERYTHING, idLow: shorter, idHigh: shorter + AFTER }
    : EVERYTHING;
}

/** The prefix of all ids of a millisecond. */
function idPrefix(time: number): string {
  const digits = Math.min(Math.max(time, 0), ID_TIME_MAX).toString(16).padStart(12, "0");
  return `${digits.slice(0, 8)}-${digits.slice(8)}`;
}
