-- Small things that people configure. Those of a kind are on one shard, which is a function of its name.
create table if not exists resources (
  shard     smallint not null,
  kind      text     not null collate "C",
  name      text     not null collate "C",
  revision  integer  not null,
  due_time  bigint,             -- when something is to be done about it
  value     text     not null,  -- JSON
  primary key (kind, name, shard)
)
