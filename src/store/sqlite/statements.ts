/**
 * Every SQL text about records that the SQLite store runs, apart from claims (statements-claim.ts)
 * and lists (statements-list.ts). They are in the order of the PostgreSQL store's texts. Each
 * comment names the index that serves the statement.
 *
 * The time is a parameter and never SQLite's: the process owns the store's clock. Frequent
 * statements have unnamed parameters, in the order of the text, because binding by name took twice
 * the time.
 */

/**
 * First the columns that never change, then those that may. The order is that of the rows in
 * row.ts.
 */
const FIXED_COLUMNS = `id, parent, method, request_id, request, target, attempts_max, create_time, time_to_live_ms,
  deadline_time, priority, parallel_key, caller, trace_context`;
const CHANGING_COLUMNS = `state, revision, attempt, failed_attempts, metadata_type, metadata, response_type, response, error,
  exception, start_time, end_time, expire_time, available_time, blocked, cancel_time, worker, attempt_time,
  last_worker, attempts, lease_time`;
/** All columns of a record. */
export const COLUMNS = `${FIXED_COLUMNS}, ${CHANGING_COLUMNS}`;

/** The columns that listeners get of a changed record. */
const CHANGE_COLUMNS = "id, method, state, available_time, cancel_time, parent";

// Conflicts by index operations_request; any other conflict is an error.
export const INSERT = `
  insert into operations (${COLUMNS})
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (parent, method, request_id) where request_id is not null do nothing`;

// Index operations_request.
export const FIND_BY_REQUEST = `
  select ${COLUMNS}
  from operations
  where parent = ? and method = ? and request_id = ?`;

// Primary key. Writes the columns that may change; the request stays as it was stored. A renewal
// extends the lease without a new revision, so a record that is already running keeps its current
// lease.
export const REPLACE = `
  update operations
  set state = ?, revision = ?, attempt = ?, failed_attempts = ?, metadata_type = ?, metadata = ?, response_type = ?,
    response = ?, error = ?, exception = ?, start_time = ?, end_time = ?, expire_time = ?, available_time = ?,
    blocked = ?, cancel_time = ?, worker = ?, attempt_time = ?, last_worker = ?, attempts = ?,
    lease_time = case when ? is not null then coalesce(lease_time, ?) end
  where id = ? and revision = ? and (? is null or lease_time = ?)`;

// Primary key. Touches no indexed column.
export const RENEW = `
  update operations
  set lease_time = max(lease_time, ?)
  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ?
  returning ${CHANGE_COLUMNS}, lease_time, revision`;

// Primary key. Touches no indexed column.
export const REPORT = `
  update operations
  set lease_time = max(lease_time, ?), metadata_type = ?, metadata = ?, revision = revision + 1
  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ?
  returning ${CHANGE_COLUMNS}, lease_time, revision`;

// Primary key. Touches no indexed column.
export const HAND_OVER = `
  update operations
  set worker = ? || worker, revision = revision + 1
  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ? and worker not glob ?`;

// Primary key.
export const REMOVE = `
  delete from operations
  where id = ? and parent = ?
  returning ${CHANGE_COLUMNS}, parallel_key, blocked, end_time`;

// Index operations_parallel, without the table. The number of held places, counted up to a limit.
export const PLACES = `
  select count(*)
  from (
    select 1
    from operations
    where end_time is null and method = ? and parallel_key = ? and blocked = 0
    limit ?
  )`;

// Index operations_parallel, without the table. The head of the queue.
export const HEAD = `
  select id
  from operations
  where end_time is null and method = ? and parallel_key = ? and blocked = 1
  order by priority desc, available_time, id
  limit 1`;

// Primary key.
export const UNBLOCK = `
  update operations
  set blocked = 0, revision = revision + 1
  where id = ? and state = 'PENDING' and blocked = 1
  returning ${CHANGE_COLUMNS}`;

// Index operations_expiry, in its order: any other order would need sorting.
export const EXPIRED = `
  select id, parent
  from operations
  where expire_time <= ? and id not in (select value from json_each(?))
  order by expire_time
  limit ?`;

// Primary key.
export const READ = `
  select ${COLUMNS}
  from operations
  where id = ?`;

// Index operations_running, and the row of each operation on the page: this is the price of
// renewals that touch no index. A page is a fixed number of running operations, due or not, so that
// one turn of the event loop has a limit. The last operation of a page is returned, due or not,
// because the next page begins after it.
export const DUE_LEASES = `
  with page (id, time, place, is_due) as materialized (
    select id, start_time, rowid, lease_time <= ?
    from operations
    where state = 'RUNNING' and (start_time, rowid) > (?, ?)
    order by start_time, rowid
    limit ?
  ),
  last (time, place, count) as (
    select time, place, (select count(*) from page)
    from page
    order by time desc, place desc
    limit 1
  )
  select id, page.time, page.place, is_due, last.count
  from page, last
  where is_due or page.place = last.place
  order by page.time, page.place`;

// Index operations_deadline.
export const DUE_DEADLINES = `
  select id, deadline_time, rowid
  from operations
  where end_time is null and deadline_time is not null and deadline_time <= ? and (deadline_time, rowid) > (?, ?)
  order by deadline_time, rowid
  limit ?`;

// Index operations_running. The process that ran them is dead, because a file has one server at a
// time. Workers that outlive it may still run, so their leases stay.
export const END_LEASES = `
  update operations
  set lease_time = :now
  where state = 'RUNNING' and lease_time > :now and worker not glob :outliving`;
