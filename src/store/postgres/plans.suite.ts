import assert from "node:assert/strict";
import { before, describe, test } from "node:test";
import { aMigratedAddress, open, queryOf } from "./a-database.suite.ts";

export const address = await aMigratedAddress();
export const query = queryOf(open(address));

/** The generic plan, for all parameters. */
export async function planOf(text: string): Promise<readonly string[]> {
  return (await query(`explain (generic_plan, costs off) ${text}`)).map(([line]) => String(line));
}

/** The indexes that the generic plan reads. */
async function indexesOf(text: string): Promise<readonly string[]> {
  const plan = await planOf(text);
  assert.doesNotMatch(plan.join("\n"), /Seq Scan/);
  return plan.flatMap((line) => /Scan.* (?:using|on) (operations_\w+)/.exec(line)?.[1] ?? []);
}

/**
 * Checks the plan of each statement, on a new table, on one that was emptied and on a full one.
 *
 * @param reads the indexes that each statement reads, in the order of its plan, and no others. In a
 *   new table, without the planner's statistics, it reads the same ones in any order.
 */
export function plansSuite(statements: object, reads: Readonly<Record<string, readonly string[]>>): void {
  const texts = statements as Readonly<Record<string, string>>;
  for (const [table, prepare, shown] of TABLES) {
    describe(`in ${table} table`, () => {
      before(prepare);
      for (const [name, indexes] of Object.entries(reads)) {
        test(`${name} reads ${[...new Set(indexes)].join(" and ")}`, async () => {
          assert.deepEqual(shown(await indexesOf(texts[name] ?? "")), shown(indexes));
        });
      }
    });
  }
}

type Shown = (indexes: readonly string[]) => unknown;
const ordered: Shown = (indexes) => indexes;
const unordered: Shown = (indexes) => new Set(indexes);

/** The tables, each for all statements, because filling it takes longer than all plans. */
const TABLES: readonly (readonly [name: string, prepare: () => Promise<void>, shown: Shown])[] = [
  ["a new", empty, unordered],
  ["an emptied", () => fill().then(empty), ordered],
  ["a full", fill, ordered],
];

async function empty(): Promise<void> {
  await query("truncate operations");
}

/**
 * Fills the table with many parents and many operations of every state, and updates the planner's
 * statistics.
 */
async function fill(): Promise<void> {
  await query(`
    insert into operations (shard, id, parent, method, request, target, priority, attempts_max, state, revision, attempt,
      failed_attempts, create_time, time_to_live_ms, available_time, blocked, response_type, response, start_time, end_time,
      expire_time, lease_time, worker)
    select n % 64, gen_random_uuid(), 'p' || n, 'echo', '{}', '', 0, 1, state, 1, 1, 0, n, 0, n, false,
      case state when 'SUCCEEDED' then 't' end, case state when 'SUCCEEDED' then '{}' end,
      case when state <> 'PENDING' then n end, case state when 'SUCCEEDED' then n end,
      case state when 'SUCCEEDED' then n end, case state when 'RUNNING' then n end, case state when 'RUNNING' then 'w' end
    from generate_series(1, 2000) n, unnest(array['PENDING', 'RUNNING', 'SUCCEEDED']) state`);
  await query("analyze operations");
}
