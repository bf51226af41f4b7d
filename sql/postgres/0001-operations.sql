-- Operations: one row each, from the start until their time to live has passed.
--
-- Times are whole milliseconds since 1970-01-01T00:00:00Z, as the database's clock tells it.
-- What the columns promise each other is not repeated as constraints: PostgreSQL would read them anew in every statement.
--
-- shard: the last six bits of the id. It is in every primary and unique key, so that a distributed database can cut the
-- table by it. The key begins with the id: new entries come at its end, and what lists read is in the order of it.
--
-- fillfactor: a row grows by two thirds until its operation ends. In room left on the page, its later versions stay beside the first,
-- and heartbeats and reports, which change no indexed column, need no new index entries (HOT).

create table if not exists operations (
  shard            smallint not null,
  id               uuid     not null,              -- UUIDv7: ordered by the time of creation
  parent           text     not null collate "C",  -- 'projects/p/locations/l', or '' for none
  method           text     not null collate "C",
  request_id       text     collate "C",           -- makes a repeated start the same start
  request          text     not null,              -- JSON
  target           text     not null collate "C",
  priority         smallint not null,
  parallel_key     text     collate "C",           -- limits how many of the method go on at once

  state            text     not null collate "C",
  revision         integer  not null,
  attempt          integer  not null,
  failed_attempts  integer  not null,
  attempts_max     integer  not null,

  metadata_type    text,
  metadata         text,                           -- JSON, what the handler reported last
  response_type    text,
  response         text,                           -- JSON
  error            text,                           -- JSON: code, message, details
  exception        text,                           -- for operators only

  create_time      bigint   not null,
  start_time       bigint,
  end_time         bigint,
  time_to_live_ms  bigint   not null,
  expire_time      bigint,                         -- the row may be deleted from then on
  deadline_time    bigint,
  available_time   bigint   not null,              -- not claimed before
  blocked          boolean  not null,              -- waits for others of its method and parallel_key
  cancel_time      bigint,                         -- somebody asked for cancellation then
  lease_time       bigint,                         -- the worker's right to the attempt ends then
  worker           text,

  primary key (id, shard)
) with (fillfactor = 60)
