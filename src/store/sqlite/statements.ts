/**
 * Every SQL text that the SQLite store runs, apart from lists (statements-list.ts) and the migrations in `sql/sqlite`. In
 * the same order as the PostgreSQL store's. Each names the index that serves it.
 *
 * The time is a parameter of its own and never asked of SQLite: the process owns the store's clock. Parameters have no
 * names where a statement is hot, since binding by name was measured at twice the time; they come in the order of the text.
 */

/** What was asked for; then what may change. The order is that of the rows in row.ts. */
const FIXED_COLUMNS = `id, parent, method, request_id, request, target, attempts_max, create_time, time_to_live_ms,
  deadline_time, priority, parallel_key`;
const CHANGING_COLUMNS = `state, revision, attempt, failed_attempts, metadata_type, metadata, response_type, response, error,
  exception, start_time, end_time, expire_time, available_time, blocked, cancel_time, worker, lease_time`;
/** All columns of a record. */
export const COLUMNS = `${FIXED_COLUMNS}, ${CHANGING_COLUMNS}`;

/** What listeners are told of a record that changed. */
const CHANGE_COLUMNS = "id, method, state, available_time, cancel_time";

// Immediate: the lock is taken before anything is read, so that nothing read can be stale when it is written.
export const BEGIN = "begin immediate";
export const COMMIT = "commit";
export const ROLLBACK = "rollback";

/** Around one command of a batch in which another cannot be carried out. */
export const SAVEPOINT = "savepoint command";
export const RELEASE = "release command";
export const ROLLBACK_TO = "rollback to command; release command";

// Conflicts by index operations_request; any other conflict is an error.
export const INSERT = `
  insert into operations (${COLUMNS})
  values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  on conflict (parent, method, request_id) where request_id is not null do nothing`;

// Index operations_request.
export const FIND_BY_REQUEST = `
  select ${COLUMNS}
  from operations
  where parent = ? and method = ? and request_id = ?`;

// Primary key. Writes what can change about a record; what was asked for stays as it was stored. A renewal moves the
// lease without a revision, so a record that is running already keeps the lease that it has.
export const REPLACE = `
  update operations
  set state = ?, revision = ?, attempt = ?, failed_attempts = ?, metadata_type = ?, metadata = ?, response_type = ?,
    response = ?, error = ?, exception = ?, start_time = ?, end_time = ?, expire_time = ?, available_time = ?,
    blocked = ?, cancel_time = ?, worker = ?,
    lease_time = case when ? is not null then coalesce(lease_time, ?) end
  where id = ? and revision = ? and (? is null or lease_time = ?)`;

// Primary key. Touches no indexed column.
export const RENEW = `
  update operations
  set lease_time = ?
  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ?
  returning ${CHANGE_COLUMNS}, lease_time, revision`;

// Primary key. Touches no indexed column.
export const REPORT = `
  update operations
  set lease_time = ?, metadata_type = ?, metadata = ?, revision = revision + 1
  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ?
  returning ${CHANGE_COLUMNS}, lease_time, revision`;

// Index operations_claim, without the table. The first method at or behind one of which anything is pending.
export const METHOD_FROM = `
  select method
  from operations
  where state = 'PENDING' and blocked = 0 and method >= ?
  order by method
  limit 1`;

// Index operations_claim, without the table. The highest priority below one that anything pending of the method has: where
// nobody uses priorities, that is one look.
export const PRIORITY_BELOW = `
  select priority
  from operations
  where state = 'PENDING' and blocked = 0 and method = ? and priority < ?
  order by priority desc
  limit 1`;

// Index operations_claim, without the table, of one priority: what is delayed stands in nobody's way. One row more than may
// be claimed tells when to come back.
export const CLAIMABLE = `
  select id, available_time
  from operations
  where state = 'PENDING' and blocked = 0 and method = ? and priority = ? and (deadline_time is null or deadline_time > ?)
  order by available_time, id
  limit ?`;

// Primary key.
export const CLAIM = `
  update operations
  set state = 'RUNNING', revision = revision + 1, attempt = attempt + 1, start_time = coalesce(start_time, ?),
    lease_time = ?, worker = ?
  where id = ? and state = 'PENDING'
  returning ${COLUMNS}`;

// Primary key.
export const REMOVE = `
  delete from operations
  where id = ? and parent = ?
  returning ${CHANGE_COLUMNS}, parallel_key, blocked, end_time`;

// Index operations_parallel, without the table. The places that are held, counted to a limit.
export const HELD = `
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

// Index operations_expiry, in its order: what expired in one instant would have to be sorted otherwise.
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

// Index operations_running, and the row of each operation on the page: the price of heartbeats that touch no index. A page is so
// many running operations, due or not, so that one turn of the event loop has a bound. Its last one comes along, due or not: the
// next page begins behind it.
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

// Index operations_running. Whoever ran them is dead: the file has one server at a time.
export const END_LEASES = `
  update operations
  set lease_time = :now
  where state = 'RUNNING' and lease_time > :now`;

// Primary key of service.
export const MAKE_KEY =
  "insert into service (name, value) values ('key', :value) on conflict (name) do nothing";

// Primary key of service.
export const READ_KEY = "select value from service where name = 'key'";

// Primary key, its end. An id tells when it was made.
export const NEWEST_ID = "select max(id) as id from operations";

// Primary key of service. The store's time when a server began or ended, in decimal digits.
export const READ_TIME = "select cast(value as text) as time from service where name = 'time'";

// Primary key of service.
export const KEEP_TIME = `
  insert into service (name, value) values ('time', cast(:time as blob))
  on conflict (name) do update set value = excluded.value`;

// Primary key of service. Which server has the file open, as JSON.
export const READ_SERVER = "select cast(value as text) as server from service where name = 'server'";

// Primary key of service.
export const KEEP_SERVER = `
  insert into service (name, value) values ('server', cast(:server as blob))
  on conflict (name) do update set value = excluded.value`;

// Every page, in one read transaction.
export const VACUUM_INTO = "vacuum into ?";

export const CREATE_MIGRATIONS = `
  create table if not exists migrations (
    number     integer not null primary key,
    name       text    not null,
    checksum   text    not null,  -- SHA-256 of the file's text, in hexadecimal
    apply_time integer not null   -- milliseconds since 1970-01-01T00:00:00Z
  ) strict`;

// The schema table: one row.
export const HAS_MIGRATIONS =
  "select count(*) as count from sqlite_schema where type = 'table' and name = 'migrations'";

// Primary key of migrations, whole.
export const APPLIED_MIGRATIONS = "select number, name, checksum, apply_time from migrations order by number";

// Primary key of migrations.
export const RECORD_MIGRATION = `
  insert into migrations (number, name, checksum, apply_time)
  values (:number, :name, :checksum, :apply_time)`;

/** How long a statement waits for a lock. Only an operator's own tools can hold one for a moment. */
const BUSY_TIMEOUT_MS = 5_000;

/** For the connection that writes. Order matters: the journal mode comes first. */
export const WRITER_PRAGMAS = [
  // Readers and the writer do not block each other, and a commit is one append and one fsync.
  "pragma journal_mode = wal",
  // An fsync at every commit. `normal` would lose acknowledged commits at a power cut; it is also what some builds of
  // SQLite have as default for WAL, so it is never left to the build.
  "pragma synchronous = full",
  // macOS: a plain fsync leaves the data in the drive's cache, and a power cut loses it. Means nothing elsewhere.
  "pragma fullfsync = on",
  "pragma checkpoint_fullfsync = on",
  // Pages (of 4 KiB) after which the WAL is copied into the database: 16 MB. A quarter of the stalls of the default for
  // whoever waits behind one; throughput was measured to be the same from 1000 to 16000.
  "pragma wal_autocheckpoint = 4000",
  // A WAL that a long read made large is cut back to this at the next checkpoint.
  "pragma journal_size_limit = 67108864",
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  // Sorting never touches the disk.
  "pragma temp_store = memory",
  // 32 MiB of pages: the indexes' inner pages and the hot rows of some hundred thousand operations.
  "pragma cache_size = -32768",
] as const;

/** For connections that read. */
export const READER_PRAGMAS = [
  `pragma busy_timeout = ${BUSY_TIMEOUT_MS}`,
  "pragma temp_store = memory",
  "pragma cache_size = -32768",
  // Page-cache misses are read from a mapping instead of through a system call.
  "pragma mmap_size = 268435456",
] as const;

// Copies what the WAL holds into the database and empties it.
export const CHECKPOINT = "pragma wal_checkpoint(truncate)";

/** Questions about the settings in force on a connection; each has one answer. */
export const ASK = {
  SYNCHRONOUS: "pragma synchronous",
  SQLITE_VERSION: "select sqlite_version()",
  JOURNAL_MODE: "pragma journal_mode",
  FULL_FSYNC: "pragma fullfsync",
  WAL_AUTOCHECKPOINT: "pragma wal_autocheckpoint",
  BUSY_TIMEOUT: "pragma busy_timeout",
  CACHE_SIZE: "pragma cache_size",
  PAGE_SIZE: "pragma page_size",
} as const;
