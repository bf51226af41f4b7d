import { COUNTS_COLUMNS, ROW_COLUMNS } from "../statistics/counts-row.ts";
import { FAILURE_COLUMNS } from "../statistics/failure-rows.ts";
import { PROCESS_COLUMNS } from "../statistics/process-rows.ts";

/**
 * The SQL texts of statistics, processes and resources. Parameters are in the order of the text.
 */

/** Replaces the row that has the same key. */
const replacing = (columns: string): string =>
  columns
    .split(/,\s*/)
    .map((column) => `${column} = excluded.${column}`)
    .join(", ");

const places = (columns: string): string => columns.replaceAll(/\w+/g, "?");

// Primary key of statistics. Each process knows the sums of its own rows.
export const PUT_COUNTS = `
  insert into statistics (${ROW_COLUMNS}) values (${places(ROW_COLUMNS)})
  on conflict (process, period, time, method) do update set ${replacing(COUNTS_COLUMNS)}`;

// Primary key of failures.
export const ADD_FAILURE = `
  insert into failures (${FAILURE_COLUMNS}) values (${places(FAILURE_COLUMNS)})
  on conflict (hour, key) do update set count = count + excluded.count,
    first_time = min(first_time, excluded.first_time), last_time = max(last_time, excluded.last_time),
    sample = excluded.sample`;

// Primary key of workers.
export const PUT_PROCESS = `
  insert into workers (${PROCESS_COLUMNS}) values (${places(PROCESS_COLUMNS)})
  on conflict (id) do update set ${replacing(PROCESS_COLUMNS)}`;

// Primary key of statistics, twice: the range of the merged rows, and all rows that are not merged.
export const SERIES = `
  select ${ROW_COLUMNS} from statistics
  where process = '' and period = ?1 and time >= ?2 and time < ?3 and method = coalesce(?4, method)
  union all
  select ${ROW_COLUMNS} from statistics
  where process > '' and period = ?1 and time >= ?2 and time < ?3 and method = coalesce(?4, method)`;

// Primary key of statistics: all rows that are not merged, which are few.
export const SETTLED = `
  select ${ROW_COLUMNS} from statistics
  where process > '' and time + period * 1000 <= ?
  order by process, period, time, method
  limit ?`;

// Primary key of statistics.
export const COUNTS = `
  select ${ROW_COLUMNS} from statistics
  where process = ? and period = ? and time = ? and method = ?`;

// Primary key of statistics.
export const DROP_COUNTS =
  "delete from statistics where process = ? and period = ? and time = ? and method = ?";

// Primary key of statistics. The oldest rows of one period.
export const DROP_OLD_COUNTS = `
  delete from statistics
  where process = '' and period = ?1 and (time, method) in (
    select time, method from statistics where process = '' and period = ?1 and time < ?2
    order by time, method limit ?3)`;

// Primary key of failures.
export const DROP_OLD_FAILURES = `
  delete from failures
  where (hour, key) in (select hour, key from failures where hour < ? order by hour, key limit ?)`;

// Primary key of workers, all rows.
export const DROP_GONE = "delete from workers where seen_time < ?";

// Primary key of failures, in descending order.
export const FAILURES = `
  select ${FAILURE_COLUMNS} from failures
  where hour >= ? and method = coalesce(?, method)
  order by hour desc
  limit ?`;

// Primary key of workers, all rows.
export const PROCESSES = `
  select ${PROCESS_COLUMNS} from workers where seen_time >= ?
  order by role = 'remote', start_time desc, id limit ?`;

// Primary key of resources.
export const RESOURCES = `
  select name, revision, due_time, value from resources where kind = ? order by name limit ?`;

// Primary key of resources, once for each name.
export const NAMED_RESOURCES = `
  select name, revision, due_time, value from resources
  where kind = ? and name in (select value from json_each(?))`;

// Primary key of resources.
export const NEW_RESOURCE = `
  insert into resources (kind, name, due_time, value, revision) values (?, ?, ?, ?, 1)
  on conflict do nothing
  returning revision`;

// Primary key of resources.
export const REPLACE_RESOURCE = `
  update resources set due_time = ?, value = ?, revision = revision + 1
  where kind = ? and name = ? and revision = ?
  returning revision`;

// Primary key of resources.
export const DROP_RESOURCE = "delete from resources where kind = ? and name = ? returning revision";

// Index resources_due, then the primary key.
export const DROP_DUE_RESOURCES = `
  delete from resources
  where kind = ?1 and name in (
    select name from resources where kind = ?1 and due_time <= ?2 order by due_time limit ?3)`;
