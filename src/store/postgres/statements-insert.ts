import { ONCE } from "./sharding.ts";
import { OWN_COLUMNS, told } from "./statements.ts";

/**
 * The SQL texts that store new operations. Parameters are as in statements.ts.
 *
 * Citus stores rows of `unnest` in several steps, which take eight times as long as one step with
 * `values`. So each text has a variant for rows of one shard: it contains their number, and the
 * parameters are the same arrays without the one for shards.
 */

/** The columns of a start with their types, in the order of the rows in row.ts. */
const STARTED = {
  shard: "smallint",
  id: "uuid",
  parent: "text",
  method: "text",
  request_id: "text",
  request: "text",
  target: "text",
  priority: "smallint",
  parallel_key: "text",
  attempts_max: "integer",
  create_time: "bigint",
  time_to_live_ms: "bigint",
  deadline_time: "bigint",
  state: "text",
  revision: "integer",
  attempt: "integer",
  start_time: "bigint",
  available_time: "bigint",
  blocked: "boolean",
  worker: "text",
  lease_time: "bigint",
  caller: "text",
  trace_context: "text",
};
const KEY = { shard: "smallint", method: "text", key: "text" };

type Columns = Readonly<Record<string, string>>;

const names = (columns: Columns): string => Object.keys(columns).join(", ");

/** The rows of a batch, as a table `d`. */
const rows = (columns: Columns): string => {
  const arrays = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
  return `unnest(${arrays.join(", ")}) as d (${names(columns)})`;
};

/** The given number of rows of one shard. @param more the text after the columns of each row */
function valuesOf(columns: Columns, shard: number, count: number, more = ""): string {
  const [, ...types] = Object.values(columns);
  const row = (number: number): string =>
    [shard, ...types.map((type, index) => `($${index + 1}::${type}[])[${number}]`)].join(", ");
  return Array.from({ length: count }, (__, index) => `(${row(index + 1)}${more})`).join(",\n    ");
}

const once = (count: number): string => (count === 1 ? "" : ONCE);

const ROWS_TO_INSERT = `
  insert into operations (${names(STARTED)}, failed_attempts)
  select d.*, 0
  from ${rows(STARTED)}`;

// Conflicts by the primary key and by index operations_request.
export const INSERT = `${ROWS_TO_INSERT}
  on conflict do nothing
  returning id`;

/** The same as {@link INSERT} for one shard. */
export const insertText = (shard: number, count: number): string => `${once(count)}
  insert into operations (${names(STARTED)}, failed_attempts)
  values
    ${valuesOf(STARTED, shard, count, ", 0")}
  on conflict do nothing
  returning id`;

// Nothing conflicts with a new id, and this is cheaper than checking for conflicts.
export const INSERT_NEW = `
  with stored as (${ROWS_TO_INSERT}
    returning id)
  select id, ${told(24, 25)}
  from stored`;

// Index operations_request.
export const FIND_BY_REQUEST = `
  select ${OWN_COLUMNS}
  from unnest($1::smallint[], $2::text[], $3::text[], $4::text[]) as d (shard, parent, method, request_id)
  join operations o on o.shard = d.shard /*o.shard*/ and o.parent = d.parent and o.method = d.method
    and o.request_id = d.request_id`;

// Primary key of parallel_keys. Transactions that start or end operations with a key lock its row
// until the commit.
export const LOCK_KEYS = `
  insert into parallel_keys (${names(KEY)})
  select d.*
  from ${rows(KEY)}
  order by d.shard, d.method, d.key
  on conflict (shard, method, key) do update set turn = parallel_keys.turn + 1`;

/** The same as {@link LOCK_KEYS} for one shard; the keys are sorted. */
export const lockKeysText = (shard: number, count: number): string => `${once(count)}
  insert into parallel_keys (${names(KEY)})
  values
    ${valuesOf(KEY, shard, count)}
  on conflict (shard, method, key) do update set turn = parallel_keys.turn + 1`;
