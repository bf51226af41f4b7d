-- What became of each attempt, for operators.

alter table operations add column attempt_time integer;   -- the current or last attempt began then; null for a first, which began at start_time
alter table operations add column last_worker  text;      -- who ran the last attempt that has ended
alter table operations add column attempts     text;      -- JSON: the newest that did not succeed; null for none

-- The trace that the start belonged to; null for none.
alter table operations add column trace_context text;

-- What failed or was cancelled, of one method, newest first. What succeeds is not in it.
create index operations_failures on operations (method, state, id) where state in ('FAILED', 'CANCELLED');
