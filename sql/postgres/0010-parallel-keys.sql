-- A row for each method and key of which operations are unfinished: whoever starts or ends one takes turns at it.
create table if not exists parallel_keys (
  shard   smallint not null,  -- a stable function of method and key
  method  text     not null collate "C",
  key     text     not null collate "C",
  turn    bigint   not null default 0,
  primary key (shard, method, key)
)
