import { COUNTS_COLUMNS, ROW_COLUMNS } from "../statistics/counts-row.ts";
import { FAILURE_COLUMNS } from "../statistics/failure-rows.ts";
import { PROCESS_COLUMNS } from "../statistics/process-rows.ts";
import { ALL_SHARDS, ONCE } from "./sharding.ts";

/**
 * The SQL texts of statistics, failures and processes. Texts that store rows have variants for rows
 * of one shard, as in statements-insert.ts; other texts over one shard have a hole for it.
 */

/** Columns with their types, which are separated by spaces. */
const typed = (columns: string, types: string): Columns => {
  const words = types.split(/\s+/);
  return columns.split(/,\s*/).map((column, index) => [column, words[index] ?? ""]);
};

type Columns = readonly (readonly [name: string, type: string])[];

const COUNTS = typed(
  ROW_COLUMNS,
  "text smallint bigint text integer integer integer integer integer integer integer text text",
);
const FAILURE = typed(FAILURE_COLUMNS, "text bigint text text text text integer bigint bigint text");
const PROCESS = typed(
  PROCESS_COLUMNS,
  "text text integer text text bigint bigint integer integer boolean text",
);

/** The rows of a write: each parameter is the array of one column, the shard's first. */
const rows = (columns: Columns): string => {
  const arrays = columns.map(([, type], index) => `$${index + 2}::${type}[]`);
  return `select * from unnest($1::smallint[], ${arrays.join(", ")})`;
};

/** The given number of rows of one shard. The parameters are the same, without the shard's. */
function valuesOf(columns: Columns, shard: number, count: number): string {
  const row = (number: number): string =>
    columns.map(([, type], index) => `($${index + 1}::${type}[])[${number}]`).join(", ");
  return `values ${Array.from({ length: count }, (_, index) => `(${shard}, ${row(index + 1)})`).join(", ")}`;
}

const replacing = (columns: string): string =>
  columns
    .split(/,\s*/)
    .map((column) => `${column} = excluded.${column}`)
    .join(", ");

/**
 * In the transaction of a statement that has rows: the commit does not wait for the disk. A power
 * failure loses statistics and nothing else.
 */
const HASTY = "where (select set_config('synchronous_commit', 'off', true)) is not null";

const counts = (from: string): string => `
  insert into statistics (shard, ${ROW_COLUMNS})
  ${from}
  on conflict (process, period, time, method, shard) do update set ${replacing(COUNTS_COLUMNS)}`;

// Primary key of statistics. Each process knows the sums of its own rows.
export const PUT_COUNTS = counts(`${rows(COUNTS)} ${HASTY}`);
export const putCountsText = (shard: number, count: number): string =>
  ONCE + counts(valuesOf(COUNTS, shard, count));

const failures = (from: string): string => `
  insert into failures as f (shard, ${FAILURE_COLUMNS})
  ${from}
  on conflict (hour, key, shard) do update set count = f.count + excluded.count,
    first_time = least(f.first_time, excluded.first_time), last_time = greatest(f.last_time, excluded.last_time),
    sample = excluded.sample`;

// Primary key of failures.
export const ADD_FAILURES = failures(`${rows(FAILURE)} ${HASTY}`);
export const addFailuresText = (shard: number, count: number): string =>
  ONCE + failures(valuesOf(FAILURE, shard, count));

const processes = (from: string): string => `
  insert into workers (shard, ${PROCESS_COLUMNS})
  ${from}
  on conflict (id, shard) do update set ${replacing(PROCESS_COLUMNS)}`;

// Primary key of workers.
export const PUT_PROCESS = processes(`${rows(PROCESS)} ${HASTY}`);
export const putProcessText = (shard: number, count: number): string =>
  ONCE + processes(valuesOf(PROCESS, shard, count));

const OF_PERIOD = "s.period = $1::smallint and s.time >= $2::bigint and s.time < $3::bigint";
const OF_METHOD = "($4::text is null or s.method = $4::text)";

// Primary key of statistics, twice: the range of the merged rows, and all rows that are not merged,
// which are few.
export const SERIES = `${ALL_SHARDS}
  select ${ROW_COLUMNS} from statistics s where s.process = '' and ${OF_PERIOD} and ${OF_METHOD}
  union all
  select ${ROW_COLUMNS} from statistics s where s.process > '' and ${OF_PERIOD} and ${OF_METHOD}`;

// Primary key of failures, in descending order.
export const FAILURES = `${ALL_SHARDS}
  select ${FAILURE_COLUMNS} from failures f
  where f.hour >= $1::bigint and ($2::text is null or f.method = $2::text)
  order by f.hour desc
  limit $3::bigint`;

// Primary key of workers, all rows.
export const PROCESSES = `${ALL_SHARDS}
  select ${PROCESS_COLUMNS.replace("draining", "draining::integer")} from workers w
  where w.seen_time >= $1::bigint
  order by w.role = 'remote', w.start_time desc, w.id
  limit $2::bigint`;

const SETTLED = "s.process > '' and s.time + s.period * 1000::bigint <= $1::bigint";

// Primary key of statistics: all rows that are not merged. The shards of the rows that may be
// merged.
export const SETTLED_SHARDS = `${ALL_SHARDS}
  select distinct s.shard from statistics s where ${SETTLED}`;

// Primary key of statistics. Rows are locked in one order, and rows that another process merges are
// skipped.
export const TAKE_SETTLED = `
  delete from statistics s
  using (
    select s.shard, s.process, s.period, s.time, s.method from statistics s
    where ${SETTLED} /*s.shard*/
    order by s.process, s.period, s.time, s.method
    limit $2::bigint
    for update skip locked) d
  where s.shard = d.shard /*s.shard*/ and s.process = d.process and s.period = d.period and s.time = d.time
    and s.method = d.method
  returning ${ROW_COLUMNS.replaceAll(/\w+/g, "s.$&")}`;

// Primary key of statistics. The merged rows exist by now; concurrent mergers lock them in turn.
export const LOCK_COUNTS = `
  select ${ROW_COLUMNS.replaceAll(/\w+/g, "s.$&")}
  from unnest($1::smallint[], $2::smallint[], $3::bigint[], $4::text[]) as d (shard, period, time, method)
  join statistics s on s.shard = d.shard /*s.shard*/ and s.process = '' and s.period = d.period and s.time = d.time
    and s.method = d.method
  for update of s`;

const newCounts = (from: string): string => `
  insert into statistics (shard, ${ROW_COLUMNS})
  ${from}
  on conflict do nothing`;

// Primary key of statistics.
export const MAKE_COUNTS = newCounts(rows(COUNTS));
export const makeCountsText = (shard: number, count: number): string =>
  ONCE + newCounts(valuesOf(COUNTS, shard, count));

// Primary key of statistics: the oldest rows of one period.
export const DROP_OLD_COUNTS = `
  delete from statistics s
  using (
    select s.shard, s.time, s.method from statistics s
    where s.process = '' and s.period = $1::smallint and s.time < $2::bigint /*s.shard*/
    order by s.time, s.method
    limit $3::bigint) d
  where s.shard = d.shard /*s.shard*/ and s.process = '' and s.period = $1::smallint and s.time = d.time
    and s.method = d.method
  returning 1`;

// Primary key of failures: the oldest rows.
export const DROP_OLD_FAILURES = `
  delete from failures f
  using (
    select f.shard, f.hour, f.key from failures f
    where f.hour < $1::bigint /*f.shard*/
    order by f.hour, f.key
    limit $2::bigint) d
  where f.shard = d.shard /*f.shard*/ and f.hour = d.hour and f.key = d.key
  returning 1`;

// Primary key of workers, all rows.
export const DROP_GONE = `${ALL_SHARDS}
  delete from workers w where w.seen_time < $1::bigint`;
