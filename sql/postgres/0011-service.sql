-- What belongs to the service as a whole.
--
-- 'key': 32 secret bytes made when the database was first opened. Page tokens are sealed with them.
create table if not exists service (
  shard  smallint not null default 0,
  name   text     not null,
  value  bytea    not null,
  primary key (shard, name)
)
