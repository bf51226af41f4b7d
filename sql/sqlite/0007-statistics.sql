-- What is kept for operators, and what they configure.
--
-- Times are whole milliseconds since 1970-01-01T00:00:00Z, as the server's clock tells it.

-- What happened to operations of a method in a period. While a period is young each process has a row; process is '' where these
-- were merged.
create table statistics (
  process          text    not null,
  period           integer not null check (period in (60, 600, 3600)),  -- its length in seconds
  time             integer not null,                                    -- its start
  method           text    not null,
  started          integer not null,
  began            integer not null,
  succeeded        integer not null,
  failed           integer not null,
  cancelled        integer not null,
  retried          integer not null,
  worker_lost      integer not null,
  begin_histogram  text    not null,  -- JSON: a member for each bucket that has any
  run_histogram    text    not null,
  primary key (process, period, time, method)
) strict, without rowid;

-- Failures that are alike, hour by hour.
create table failures (
  hour        integer not null,  -- its start
  key         text    not null,
  method      text    not null,
  code        text    not null,
  reason      text    not null,
  text        text    not null,  -- what they have in common
  count       integer not null,
  first_time  integer not null,
  last_time   integer not null,
  sample      text    not null,  -- the name of one of the operations
  primary key (hour, key)
) strict, without rowid;

-- The processes that report.
create table workers (
  id          text    not null primary key,
  host        text    not null,
  pid         integer not null,
  version     text    not null,
  role        text    not null,
  start_time  integer not null,
  seen_time   integer not null,
  slots       integer not null,
  running     integer not null,
  draining    integer not null check (draining in (0, 1)),
  methods     text    not null    -- JSON: the names of the methods that it runs
) strict, without rowid;

-- Small things that people configure.
create table resources (
  kind      text    not null,
  name      text    not null,
  revision  integer not null,
  due_time  integer,             -- when something is to be done about it
  value     text    not null,    -- JSON
  primary key (kind, name)
) strict, without rowid;

-- What is blocked, by method: counted from here without the table. Nothing that has no key is in it.
create index operations_blocked on operations (method, available_time, parallel_key)
  where state = 'PENDING' and blocked = 1;
