-- The processes that live: a row for each, which it renews every few seconds.
--
-- Hints only: who is woken for which work. Nothing is lost with it, so that no write of it waits for a disk (unlogged). On a
-- distributed database it is a table of the coordinator.
create unlogged table if not exists homes (
  name       text   not null primary key,
  methods    text   not null,  -- JSON: the names of the methods that it runs; they never change
  seen_time  bigint not null   -- milliseconds since 1970-01-01T00:00:00Z, as the database's clock tells it
)
