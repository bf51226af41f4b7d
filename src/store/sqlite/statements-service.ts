/**
 * The SQL texts about the database itself: its schema, key, time and server, and the questions of
 * `doctor`.
 */

// Primary key of service.
export const MAKE_KEY =
  "insert into service (name, value) values ('key', :value) on conflict (name) do nothing";

// Primary key of service.
export const READ_KEY = "select value from service where name = 'key'";

// The last entry of the primary key. An id contains its creation time.
export const NEWEST_ID = "select max(id) as id from operations";

// Primary key of service. The store's time at the last start or stop of a server, in decimal
// digits.
export const READ_TIME = "select cast(value as text) as time from service where name = 'time'";

// Primary key of service.
export const KEEP_TIME = `
  insert into service (name, value) values ('time', cast(:time as blob))
  on conflict (name) do update set value = excluded.value`;

// Primary key of service. The server that has the file open, as JSON.
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

// Primary key of migrations, all rows.
export const APPLIED_MIGRATIONS = "select number, name, checksum, apply_time from migrations order by number";

// Primary key of migrations.
export const RECORD_MIGRATION = `
  insert into migrations (number, name, checksum, apply_time)
  values (:number, :name, :checksum, :apply_time)`;

/** Queries for the settings in force on a connection; each has one answer. */
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

// The name of the database, and its newest migration.
export const FACTS = "select 'SQLite ' || sqlite_version() as name, max(number) as schema from migrations";
