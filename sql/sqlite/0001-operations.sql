-- Operations: one row each, from the start until their time to live has passed.
--
-- Times are whole milliseconds since 1970-01-01T00:00:00Z, as the server's clock tells it.
-- The constraints repeat what the program promises: they fail only where the program has a bug.
--
-- There is no shard column as on PostgreSQL: an embedded file is never distributed, and where it is wanted
-- after all, a shard is derived from the id (its last six bits).

create table operations (
  id               text    not null primary key,  -- UUIDv7: ordered by the time of creation
  parent           text    not null,              -- 'projects/p/locations/l', or '' for none
  method           text    not null,
  request_id       text,                          -- makes a repeated start the same start
  request          text    not null,              -- JSON
  target           text    not null,

  state            text    not null check (state in ('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')),
  revision         integer not null check (revision >= 1),
  attempt          integer not null check (attempt >= 0),
  failed_attempts  integer not null check (failed_attempts >= 0),
  attempts_max     integer not null check (attempts_max >= 1),

  metadata_type    text,
  metadata         text,                          -- JSON, what the handler reported last
  response_type    text,
  response         text,                          -- JSON
  error            text,                          -- JSON: code, message, details
  exception        text,                          -- for operators only

  create_time      integer not null,
  start_time       integer,
  end_time         integer,
  time_to_live_ms  integer not null check (time_to_live_ms >= 0),
  expire_time      integer,                       -- the row may be deleted from then on
  deadline_time    integer,
  available_time   integer not null,              -- not claimed before
  cancel_time      integer,                       -- somebody asked for cancellation then
  lease_time       integer,                       -- the worker's right to the attempt ends then
  worker           text,

  check ((metadata is null) = (metadata_type is null)),
  check ((response is null) = (response_type is null)),
  check ((response is not null) = (state = 'SUCCEEDED')),
  check ((error is not null) = (state in ('FAILED', 'CANCELLED'))),
  check ((end_time is not null) = (state in ('SUCCEEDED', 'FAILED', 'CANCELLED'))),
  check ((expire_time is not null) = (end_time is not null)),
  check ((lease_time is not null) = (state = 'RUNNING')),
  check ((worker is not null) = (state = 'RUNNING')),
  check (state <> 'RUNNING' or attempt >= 1)
) strict;

-- A page of a parent's operations, newest first.
create index operations_list on operations (parent, id);

-- At most one operation for a request id.
create unique index operations_request on operations (parent, method, request_id) where request_id is not null;

-- What a worker may claim, oldest availability first. It holds unfinished work only and is read without the table.
create index operations_claim on operations (method, available_time, id, deadline_time) where state = 'PENDING';

-- What is running. Not by lease_time: a heartbeat moves that, and must not rewrite an index.
create index operations_running on operations (start_time) where state = 'RUNNING';

-- Unfinished operations that have a deadline.
create index operations_deadline on operations (deadline_time) where deadline_time is not null and end_time is null;

-- Finished operations, by when they may be deleted.
create index operations_expiry on operations (expire_time) where expire_time is not null;
