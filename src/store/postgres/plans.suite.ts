import assert from "node:assert/strict";
import { test } from "node:test";
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
 * Checks the plan of each statement, on a new table and on a full one.
 *
 * @param reads the indexes that each statement reads, in the order of its plan, and no others
 */
export function plansSuite(statements: object, reads: Readonly<Record<string, readonly string[]>>): void {
  const texts = statements as Readonly<Record<string, string>>;
  for (const [name, indexes] of Object.entries(reads)) {
    test(`${name} reads ${[...new Set(indexes)].join(" and ")}, in a new table as in a full one`, async () => {
      const text = texts[name] ?? "";
      await query("truncate operations");
      assert.deepEqual(await indexesOf(text), indexes);
      await fill();
      assert.deepEqual(await indexesOf(text), indexes);
    });
  }
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
