/**
 * The SQL texts about the database itself: its schema, its settings, and the questions of `doctor`.
 */

// Primary key of service.
export const MAKE_KEY =
  "insert into service (shard, name, value) values (0, 'key', decode($1, 'hex')) on conflict (shard, name) do nothing";

// Primary key of service.
export const READ_KEY = "select encode(value, 'hex') from service where shard = 0 and name = 'key'";

export const CREATE_MIGRATIONS = `
  create table if not exists migrations (
    number     integer not null primary key,
    name       text    not null,
    checksum   text    not null,  -- SHA-256 of the file's text, in hexadecimal
    apply_time bigint  not null   -- milliseconds since 1970-01-01T00:00:00Z
  )`;

// A table with one row, whose lock the migrating program holds.
export const CREATE_MIGRATION_TURN = `
  create table if not exists migration_turn (
    one boolean not null primary key check (one)
  )`;
export const MAKE_MIGRATION_TURN = "insert into migration_turn (one) values (true) on conflict do nothing";
// Never waits: building an index waits for every statement that began before it, including this
// one.
export const TAKE_MIGRATION_TURN = "select one from migration_turn for update nowait";

/**
 * Wraps a migration that needs its table exclusively. It gives up after a moment, because other
 * readers and writers would queue behind a waiting migration.
 */
export function briefly(text: string): string {
  return `do $briefly$ begin perform set_config('lock_timeout', '100ms', true); execute $text$${text}$text$; end $briefly$`;
}

/**
 * The sessions that directly block the sessions of a name: one row each, with its process, name,
 * user, state, the ages of its transaction and its last statement in seconds, and that statement;
 * for a prepared transaction, which has no process, its identifier. For a migration that waits for
 * its turn: the session that has the turn.
 */
export const WAITED_FOR = `
  with waited (pid) as (
    select unnest(pg_blocking_pids(pid))
    from pg_stat_activity
    where datname = current_database() and application_name = $1
    union
    select l.pid
    from pg_locks l
    join pg_stat_activity a using (pid)
    where l.relation = to_regclass('migration_turn') and l.granted and a.backend_xid is not null and a.application_name <> $1
      and l.database = (select oid from pg_database where datname = current_database())
  )
  select a.pid, a.application_name, a.usename, a.state, extract(epoch from now() - a.xact_start)::integer,
    extract(epoch from now() - a.query_start)::integer, left(a.query, 200), null
  from waited
  join pg_stat_activity a using (pid)
  union all
  select null, null, p.owner, null, extract(epoch from now() - p.prepared)::integer, null, null, p.gid
  from pg_prepared_xacts p
  where p.database = current_database() and exists (select from waited where waited.pid = 0)
  order by 5 desc nulls last`;

export const HAS_MIGRATIONS = "select to_regclass('migrations') is not null";

// Primary key of migrations, all rows.
export const APPLIED_MIGRATIONS = "select number, name, checksum, apply_time from migrations order by number";

// Primary key of migrations.
export const RECORD_MIGRATION = `
  insert into migrations (number, name, checksum, apply_time)
  values ($1, $2, $3, $4)
  on conflict do nothing`;

// An index whose building was interrupted exists but is not used; it is dropped and built again.
export const BROKEN_INDEXES = `
  select c.relname
  from pg_index i
  join pg_class c on c.oid = i.indexrelid
  join pg_class t on t.oid = i.indrelid
  where not i.indisvalid and t.oid = to_regclass('operations')`;
export const dropIndex = (name: string): string =>
  `drop index concurrently if exists "${name.replaceAll('"', '""')}"`;

export const SCHEMA = "select current_schema()";

/**
 * One row: the version number, whether a commit waits for the disk and for whole pages, and whether
 * this is a standby.
 */
export const SETTINGS = `
  select current_setting('server_version_num')::integer, current_setting('server_version'),
    current_setting('synchronous_commit'), current_setting('fsync'), current_setting('full_page_writes'),
    pg_is_in_recovery(), current_setting('max_connections')::integer,
    (select count(*) from pg_stat_activity where backend_type = 'client backend')::integer`;

/** Whether the user may create tables in the schema of ours. */
export const MAY_CREATE = "select coalesce(has_schema_privilege(current_schema(), 'create'), false)";

/**
 * One row for each right that a server needs and the user lacks on an existing table. Each right is
 * asked for separately: if asked for several, PostgreSQL answers whether the user has any of them.
 */
export const MISSING_RIGHTS = `
  select lacking.right_name || ' on ' || t.name
  from (values
    ('operations', '{select,insert,update,delete}'::text[]),
    ('parallel_keys', '{select,insert,update,delete}'::text[]),
    ('statistics', '{select,insert,update,delete}'::text[]),
    ('failures', '{select,insert,update,delete}'::text[]),
    ('workers', '{select,insert,update,delete}'::text[]),
    ('resources', '{select,insert,update,delete}'::text[]),
    ('homes', '{select,insert,update,delete}'::text[]),
    ('service', '{select,insert}'::text[]),
    ('migrations', '{select}'::text[])) as t (name, rights)
  cross join unnest(t.rights) as lacking (right_name)
  where to_regclass(t.name) is not null
    and not has_table_privilege(to_regclass(t.name)::oid, lacking.right_name)`;

/** One row: the number of live rows and of dead rows, and the bytes on disk with indexes. */
export const BLOAT = `
  select coalesce(sum(n_live_tup), 0)::bigint, coalesce(sum(n_dead_tup), 0)::bigint,
    coalesce(sum(pg_total_relation_size(relid)), 0)::bigint
  from pg_stat_user_tables
  where relid = to_regclass('operations')`;

/** The age in seconds of the oldest transaction that keeps dead rows from being removed. */
export const OLDEST_TRANSACTION = `
  select coalesce(max(extract(epoch from now() - xact_start)), 0)::integer
  from pg_stat_activity
  where backend_xmin is not null and pid <> pg_backend_pid()`;

// The number of pages of the table, and the number in PostgreSQL's statistics.
export const STATISTICS = `
  select pg_relation_size(oid) / current_setting('block_size')::bigint, relpages
  from pg_class
  where oid = 'operations'::regclass`;

// Updates the table's statistics, unless another session is doing so.
export const ANALYZE = "analyze (skip_locked) operations";

// The database's clock.
export const TIME = "select floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

// The name of the database, and its newest migration.
export const FACTS = `
  select 'PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1), max(number) from migrations`;
