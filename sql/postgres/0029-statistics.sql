-- What happened to operations of a method in a period. While a period is young each process has a row; process is '' where these
-- were merged. Rows of a method are on one shard, which is a function of its name.
create table if not exists statistics (
  shard            smallint not null,
  process          text     not null collate "C",
  period           smallint not null,              -- its length in seconds: 60, 600 or 3600
  time             bigint   not null,              -- its start, in milliseconds since 1970-01-01T00:00:00Z
  method           text     not null collate "C",
  started          integer  not null,
  began            integer  not null,
  succeeded        integer  not null,
  failed           integer  not null,
  cancelled        integer  not null,
  retried          integer  not null,
  worker_lost      integer  not null,
  begin_histogram  text     not null,              -- JSON: a member for each bucket that has any
  run_histogram    text     not null,
  primary key (process, period, time, method, shard)
)
