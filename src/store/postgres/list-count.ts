import { rowOf } from "../../core/list/operation-row.ts";
import { DEFAULT_ORDER } from "../../core/list/order.ts";
import type { CountAnswer, CountQuery } from "../../core/ports/lists.ts";
import { planOf } from "../list/plan.ts";
import { DIALECT, forBranches, type ListSource, textOf } from "./list-lookup.ts";
import { tallyText } from "./statements-list.ts";

/**
 * Counts the matching operations in one statement, and reads the examples in another.
 *
 * @returns undefined if SQL cannot check the whole filter
 */
export async function countOf(source: ListSource, query: CountQuery): Promise<CountAnswer | undefined> {
  const { limit, examples } = query;
  const plan = planOf({ ...query, order: DEFAULT_ORDER, after: null }, DIALECT);
  if (!plan.inSql) return undefined;
  // In the order of creation there is one scan, or none if nothing can match.
  const [scan] = plan.scans;
  if (scan === undefined) return { count: 0, done: 0, lookedAt: 0, complete: true, examples: [] };
  const parameters = forBranches(scan, [scan.from, scan.to], [], scan.parameters);
  const [row = []] = await source.query(tallyText(textOf(scan), limit, examples), parameters);
  const [lookedAt, count, done, isMore, ids] = row;
  const named = typeof ids === "string" && ids !== "" ? ids.split(" ") : [];
  const records = named.length === 0 ? [] : await source.read(named, "LIGHT");
  return {
    count: Number(count),
    done: Number(done),
    lookedAt: Number(lookedAt),
    complete: isMore !== true,
    // Leave out records that were removed since.
    examples: records.filter((record) => record !== undefined).map(rowOf),
  };
}
