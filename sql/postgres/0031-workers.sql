-- The processes that report: a row for each, on a shard that is a function of its id.
create table if not exists workers (
  shard       smallint not null,
  id          text     not null collate "C",
  host        text     not null,
  pid         integer  not null,
  version     text     not null,
  role        text     not null,
  start_time  bigint   not null,  -- milliseconds since 1970-01-01T00:00:00Z
  seen_time   bigint   not null,
  slots       integer  not null,
  running     integer  not null,
  draining    boolean  not null,
  methods     text     not null,  -- JSON: the names of the methods that it runs
  primary key (id, shard)
)
