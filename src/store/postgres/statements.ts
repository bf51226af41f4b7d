import { lightColumns, UNSHOWN_COLUMNS } from "../list/statements.ts";
import { ALL_SHARDS } from "./sharding.ts";

/**
 * Every SQL text that the PostgreSQL store runs, apart from starts (statements-insert.ts), claims
 * (statements-claim.ts), lists (statements-list.ts), settings and rights (statements-service.ts)
 * and the migrations in `sql/postgres`. They are in the order of the SQLite store's texts. Each
 * comment names the index that serves the statement.
 *
 * Writes take a batch: each parameter is the array of one column, and the rows are found by shard
 * and id. In statements that judge time, the first parameter is the time to judge by; null for the
 * database's own clock, which is the store's clock except in tests.
 *
 * A comment that names the column `shard` is a hole. On a distributed database it is replaced by
 * the only shard that the statement touches (sharding.ts); elsewhere it stays a comment, and the
 * statement takes rows of any shard.
 */

/**
 * First the columns that never change, then those that may. The order is that of the rows in
 * row.ts.
 */
const FIXED_COLUMNS = `id, parent, method, request_id, request, target, priority, parallel_key, attempts_max, create_time,
  time_to_live_ms, deadline_time, caller, trace_context`;
const CHANGING_COLUMNS = `state, revision, attempt, failed_attempts, metadata_type, metadata, response_type, response, error,
  exception, start_time, end_time, expire_time, available_time, blocked, cancel_time, worker, attempt_time,
  last_worker, attempts, lease_time`;
/** All columns of a record except the shard, which the id determines. */
export const COLUMNS = `${FIXED_COLUMNS}, ${CHANGING_COLUMNS}`;

/** {@link COLUMNS} of the table with the alias `o`. */
export const OWN_COLUMNS = COLUMNS.split(/,\s*/)
  .map((column) => `o.${column}`)
  .join(", ");

/** The columns that listeners get of a changed record. */
const CHANGE_COLUMNS = "o.id, o.method, o.state, o.available_time, o.cancel_time, o.parent";

/**
 * The first value that is not null. Citus rejects `coalesce` and `case` around a function that
 * returns the time.
 */
export const firstOf = (...values: readonly string[]): string =>
  `(array_remove(array[${values.join(", ")}], null))[1]`;

/**
 * The time to judge by: $1, or the start of the statement, so that one statement judges by one
 * time. On Citus the coordinator replaces the function by the time of its own clock before a worker
 * node gets the statement.
 */
export const NOW = firstOf("$1::bigint", "floor(extract(epoch from statement_timestamp()) * 1000)::bigint");

/**
 * A condition on a row that was found by its key. In its plain form, an index could serve it, and
 * the planner would use that index: it would scan all pending operations for each row of a batch.
 */
export const judged = (condition: string): string => `(${condition}) is true`;

/**
 * Notifies listening processes within the statement, once it is certain that something was written;
 * returns the number of notices. `channels`, `payloads`: the numbers of two parameters, with the
 * channels and the payload for each.
 */
export const told = (channels: number, payloads: number, condition = "true"): string => `
  (select count(pg_notify(channel, payload))
  from unnest($${channels}::text[], $${payloads}::text[]) as notice (channel, payload)
  where ${condition})`;

const ROWS_TO_REPLACE = `
  update operations o
  set state = d.state, revision = d.revision, attempt = d.attempt, failed_attempts = d.failed_attempts,
    metadata_type = d.metadata_type, metadata = d.metadata, response_type = d.response_type, response = d.response,
    error = d.error, exception = d.exception, start_time = d.start_time, end_time = d.end_time,
    expire_time = d.expire_time, available_time = d.available_time, blocked = d.blocked, cancel_time = d.cancel_time,
    worker = d.worker, attempt_time = d.attempt_time, last_worker = d.last_worker, attempts = d.attempts,
    lease_time = case when d.lease_time is not null then coalesce(o.lease_time, d.lease_time) end
  from unnest($1::smallint[], $2::uuid[], $3::integer[], $4::bigint[], $5::text[], $6::integer[], $7::integer[],
    $8::integer[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::text[], $15::bigint[],
    $16::bigint[], $17::bigint[], $18::bigint[], $19::boolean[], $20::bigint[], $21::text[], $22::bigint[],
    $23::text[], $24::text[], $25::bigint[])
    as d (shard, id, expected_revision, expected_lease_time, state, revision, attempt, failed_attempts, metadata_type,
      metadata, response_type, response, error, exception, start_time, end_time, expire_time, available_time, blocked,
      cancel_time, worker, attempt_time, last_worker, attempts, lease_time)
  where o.shard = d.shard /*o.shard*/ and o.id = d.id and o.revision = d.expected_revision
    and (d.expected_lease_time is null or o.lease_time = d.expected_lease_time)
  returning o.id`;

// Primary key. Writes the columns that may change; the request stays as it was stored. A renewal
// extends the lease without a new revision, so a record that is already running keeps its current
// lease.
export const REPLACE = ROWS_TO_REPLACE;

// The same as REPLACE. It notifies only if all records are replaced, because the notices were
// composed before.
export const REPLACE_AND_TELL = `
  with replaced as (${ROWS_TO_REPLACE})
  select id, ${told(26, 27, "(select count(*) from replaced) = cardinality($2::uuid[])")}
  from replaced`;

// Primary key. Touches no indexed column, so that the row stays where its index entries point (HOT).
export const RENEW = `
  update operations o
  set lease_time = greatest(o.lease_time, ${NOW} + d.lease_ms), metadata_type = coalesce(d.metadata_type, o.metadata_type),
    metadata = coalesce(d.metadata, o.metadata), revision = o.revision + (d.metadata is not null)::integer
  from unnest($2::smallint[], $3::uuid[], $4::integer[], $5::bigint[], $6::text[], $7::text[])
    as d (shard, id, attempt, lease_ms, metadata_type, metadata)
  where o.shard = d.shard /*o.shard*/ and o.id = d.id and o.attempt = d.attempt and ${judged("o.state = 'RUNNING'")} and o.lease_time > ${NOW}
  returning ${CHANGE_COLUMNS}, o.lease_time, o.revision`;

const ROWS_TO_REMOVE = `
  delete from operations o
  using unnest($1::smallint[], $2::uuid[], $3::text[]) as d (shard, id, parent)
  where o.shard = d.shard /*o.shard*/ and o.id = d.id and o.parent = d.parent`;

/** Whether a record holds a place of its key. */
const HOLDS_PLACE = "o.parallel_key is not null and not o.blocked and o.end_time is null";

// Primary key. Records that another transaction has locked.
export const LOCKED = `
  with free as materialized (
    select o.id
    from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
    join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id
    for no key update of o skip locked)
  select o.id
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id
  where o.id not in (select id from free)`;

// Primary key. Each id comes with its parent.
export const REMOVE = `${ROWS_TO_REMOVE}
  returning ${CHANGE_COLUMNS}, ${HOLDS_PLACE}`;

// The same as REMOVE. Skips records that hold a place, because their key must be locked first.
export const REMOVE_FREE = `${ROWS_TO_REMOVE} and ${judged(`not (${HOLDS_PLACE})`)}
  returning ${CHANGE_COLUMNS}`;

// Primary key.
export const KEY_OF = `
  select o.id, o.parent, o.method, o.parallel_key
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id`;

// Index operations_expiry, in its order: any other order would need sorting.
export const EXPIRED = `${ALL_SHARDS}
  select o.id
  from operations o
  where o.expire_time <= ${NOW} and o.id not in (select unnest($3::uuid[]))
  order by o.expire_time
  limit $2::bigint`;

// Primary key. Checks the expiry again, because another process may have changed the record. Skips
// records that another transaction has locked.
export const PURGE = `
  with expired as materialized (
    select o.shard, o.id
    from unnest($2::smallint[], $3::uuid[]) as d (shard, id)
    join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id
    where ${judged(`o.expire_time <= ${NOW}`)}
    for update of o skip locked)
  delete from operations o
  using expired d
  where o.shard = d.shard /*o.shard*/ and o.id = d.id
  returning ${CHANGE_COLUMNS}`;

// Primary key.
export const READ = `
  select ${OWN_COLUMNS}
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id`;

const readWith = (replaced: Readonly<Record<string, string>>): string => `
  select ${COLUMNS.split(/,\s*/)
    .map((column) => replaced[column] ?? `o.${column}`)
    .join(", ")}
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id`;

// The same as READ, without payloads.
export const READ_LIGHT = readWith(lightColumns("o."));

// The same as READ, without the columns that no answer shows.
export const READ_SHOWN = readWith(UNSHOWN_COLUMNS);

// Primary key.
export const OVER = `
  select d.id
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  left join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id
  where o.id is null or o.end_time is not null`;

// Primary key.
export const CHANGED = `
  select d.id
  from unnest($1::smallint[], $2::uuid[], $3::integer[]) as d (shard, id, revision)
  left join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id
  where o.revision is distinct from d.revision`;

// Index operations_runs, and the row of every running operation: this is the price of renewals that
// touch no index.
export const DUE_LEASES = `${ALL_SHARDS}
  select id, parent
  from operations
  where state = 'RUNNING' and lease_time <= ${NOW} and (parent, id) > ($4, $3::uuid)
  order by parent, id
  limit $2::bigint`;

// Index operations_deadline.
export const DUE_DEADLINES = `${ALL_SHARDS}
  select id, deadline_time
  from operations
  where end_time is null and deadline_time is not null and deadline_time <= ${NOW}
    and (deadline_time, id) > ($4::bigint, $3::uuid)
  order by deadline_time, id
  limit $2::bigint`;

// Notifies listening processes. Under load it runs outside the transaction that it announces:
// NOTIFY inside a transaction serialises commits, while a transaction that writes nothing waits for
// nothing.
export const NOTIFY = "select pg_notify($1, $2)";

// One commit: PostgreSQL wakes each listening session once for all notices.
export const NOTIFY_ALL =
  "select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as notice (channel, payload)";

// Index operations_parallel. The number of held places of each key, counted up to a limit, and
// whether an operation waits. With `exists` instead of `limit 1` the planner may read all that wait.
export const PLACES = `
  select d.at,
    (select count(*) from (
      select 1 from operations o
      where o.method = d.method and o.parallel_key = d.key /*o.shard*/ and not o.blocked and o.end_time is null
      limit d.most) held),
    (select true from operations o
      where o.method = d.method and o.parallel_key = d.key /*o.shard*/ and o.blocked and o.end_time is null
      limit 1) is not null
  from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as d (method, key, most, at)`;

// Index operations_parallel. The heads of the queues.
export const HEADS = `
  select d.at, head.id
  from unnest($1::text[], $2::text[], $3::bigint[]) with ordinality as d (method, key, most, at)
  cross join lateral (
    select o.id
    from operations o
    where o.method = d.method and o.parallel_key = d.key /*o.shard*/ and o.blocked and o.end_time is null
    order by o.priority desc, o.available_time, o.id
    limit d.most) head`;

// Primary key.
export const UNBLOCK = `
  update operations o
  set blocked = false, revision = o.revision + 1
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  where o.shard = d.shard /*o.shard*/ and o.id = d.id and o.blocked and o.end_time is null
  returning ${CHANGE_COLUMNS}`;

// Primary key of parallel_keys; index operations_parallel. The key's row is locked, and no
// operation needs it any more.
export const DROP_KEYS = `
  delete from parallel_keys k
  using unnest($1::smallint[], $2::text[], $3::text[]) as d (shard, method, key)
  where k.shard = d.shard /*k.shard*/ and k.method = d.method and k.key = d.key and not exists (
    select 1 from operations o
    where o.method = d.method and o.parallel_key = d.key /*o.shard*/ and o.end_time is null)`;
