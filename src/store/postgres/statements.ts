import { lightColumns } from "../list/statements.ts";
import { ALL_SHARDS } from "./sharding.ts";

/**
 * Every SQL text that the PostgreSQL store runs, apart from starts (statements-insert.ts), claims (statements-claim.ts), lists
 * (statements-list.ts), settings and rights (statements-service.ts) and the migrations in `sql/postgres`. In the same order as the SQLite store's. Each names the index
 * that serves it.
 *
 * Writes take a batch: a parameter is an array for each column, and a row of the batch is found by shard and id. The first
 * parameter of whatever judges time is the instant to judge by; null for the database's own, which is the store's clock
 * outside of tests.
 *
 * A comment that names the column `shard` is a hole. On a distributed database it is filled with the only shard that the statement
 * touches (sharding.ts); elsewhere it stays a comment, and the statement takes rows of any shard.
 */

/** What was asked for; then what may change. The order is that of the rows in row.ts. */
const FIXED_COLUMNS = `id, parent, method, request_id, request, target, priority, parallel_key, attempts_max, create_time,
  time_to_live_ms, deadline_time, caller, trace_context`;
const CHANGING_COLUMNS = `state, revision, attempt, failed_attempts, metadata_type, metadata, response_type, response, error,
  exception, start_time, end_time, expire_time, available_time, blocked, cancel_time, worker, attempt_time,
  last_worker, attempts, lease_time`;
/** All columns of a record but the shard, which the id tells. */
export const COLUMNS = `${FIXED_COLUMNS}, ${CHANGING_COLUMNS}`;

/** {@link COLUMNS} of the table that a statement calls `o`. */
export const OWN_COLUMNS = COLUMNS.split(/,\s*/)
  .map((column) => `o.${column}`)
  .join(", ");

/** What listeners are told of a record that changed. */
const CHANGE_COLUMNS = "o.id, o.method, o.state, o.available_time, o.cancel_time, o.parent";

/** The first that is not null. Citus refuses `coalesce` and `case` around a function that tells the time. */
export const firstOf = (...values: readonly string[]): string =>
  `(array_remove(array[${values.join(", ")}], null))[1]`;

/**
 * The instant to judge by: $1, or the start of the statement, so that one statement judges by one instant. On Citus the
 * coordinator puts the time of its own clock in the place of the function, before a worker node gets the statement.
 */
export const NOW = firstOf("$1::bigint", "floor(extract(epoch from statement_timestamp()) * 1000)::bigint");

/**
 * A condition on a row that its key has found. As it stands, some index would serve it, and the planner would take that one:
 * it would go through all that is pending for each row of a batch.
 */
export const judged = (condition: string): string => `(${condition}) is true`;

/**
 * Tells processes that listen as a part of the statement, once it is certain that something was written: how many notices.
 * The numbers of two parameters: the channels, and what is told in each.
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

// Primary key. Writes what can change about a record; what was asked for stays as it was stored. A renewal moves the
// lease without a revision, so a record that is running already keeps the lease that it has.
export const REPLACE = ROWS_TO_REPLACE;

// As REPLACE. Tells nothing unless all are replaced: what is told was put together before.
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

// Primary key. Records that somebody has locked.
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

// Primary key. One parent for each id.
export const REMOVE = `${ROWS_TO_REMOVE}
  returning ${CHANGE_COLUMNS}, ${HOLDS_PLACE}`;

// As REMOVE. Leaves records that hold a place: their key has to be locked first.
export const REMOVE_FREE = `${ROWS_TO_REMOVE} and ${judged(`not (${HOLDS_PLACE})`)}
  returning ${CHANGE_COLUMNS}`;

// Primary key.
export const KEY_OF = `
  select o.id, o.parent, o.method, o.parallel_key
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id`;

// Index operations_expiry, in its order: what expired in one instant would have to be sorted otherwise.
export const EXPIRED = `${ALL_SHARDS}
  select o.id
  from operations o
  where o.expire_time <= ${NOW} and o.id not in (select unnest($3::uuid[]))
  order by o.expire_time
  limit $2::bigint`;

// Primary key. Judged again, since somebody else may have been faster. Leaves records that somebody has locked.
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

const LIGHT = lightColumns("o.");

// As READ, without payloads.
export const READ_LIGHT = `
  select ${COLUMNS.split(/,\s*/)
    .map((column) => LIGHT[column] ?? `o.${column}`)
    .join(", ")}
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  join operations o on o.shard = d.shard /*o.shard*/ and o.id = d.id`;

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

// Index operations_runs, and the row of every running operation: that is the price of heartbeats that touch no index.
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

// Tells processes that listen. It is no part of the transaction that it tells of where several go on at once: those who
// notify wait for one another until their commit, and there is nothing to wait for in one that writes nothing.
export const NOTIFY = "select pg_notify($1, $2)";

// One commit: PostgreSQL wakes the sessions that listen once for all of them.
export const NOTIFY_ALL =
  "select pg_notify(channel, payload) from unnest($1::text[], $2::text[]) as notice (channel, payload)";

// Index operations_parallel. How many hold a place of a key (no more than are asked for are counted), and whether any waits.
export const PLACES = `
  select
    (select count(*) from (
      select 1 from operations o
      where o.method = $1 and o.parallel_key = $2 /*o.shard*/ and not o.blocked and o.end_time is null
      limit $3::bigint) held),
    exists (
      select 1 from operations o
      where o.method = $1 and o.parallel_key = $2 /*o.shard*/ and o.blocked and o.end_time is null)`;

// Index operations_parallel. The heads of the queue.
export const HEADS = `
  select o.id
  from operations o
  where o.method = $1 and o.parallel_key = $2 /*o.shard*/ and o.blocked and o.end_time is null
  order by o.priority desc, o.available_time, o.id
  limit $3::bigint`;

// Primary key.
export const UNBLOCK = `
  update operations o
  set blocked = false, revision = o.revision + 1
  from unnest($1::smallint[], $2::uuid[]) as d (shard, id)
  where o.shard = d.shard /*o.shard*/ and o.id = d.id and o.blocked and o.end_time is null
  returning ${CHANGE_COLUMNS}`;

// Primary key of parallel_keys; index operations_parallel. Its row is locked, and nobody needs it any more.
export const DROP_KEYS = `
  delete from parallel_keys k
  using unnest($1::smallint[], $2::text[], $3::text[]) as d (shard, method, key)
  where k.shard = d.shard /*k.shard*/ and k.method = d.method and k.key = d.key and not exists (
    select 1 from operations o
    where o.method = d.method and o.parallel_key = d.key /*o.shard*/ and o.end_time is null)`;
