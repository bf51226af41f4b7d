-- Failures that are alike, hour by hour. Those of a method are on one shard, which is a function of its name.
create table if not exists failures (
  shard       smallint not null,
  hour        bigint   not null,              -- its start, in milliseconds since 1970-01-01T00:00:00Z
  key         text     not null collate "C",
  method      text     not null collate "C",
  code        text     not null collate "C",
  reason      text     not null collate "C",
  text        text     not null,              -- what they have in common
  count       integer  not null,
  first_time  bigint   not null,
  last_time   bigint   not null,
  sample      text     not null,              -- the name of one of the operations
  primary key (hour, key, shard)
)
