-- What became of each attempt, for operators: when the current or last one began (null for a first, which began at start_time), who
-- ran the last one that has ended, and, as JSON, the newest that did not succeed. And the trace that the start belonged to. All are null where there is none.
alter table operations
  add column if not exists attempt_time bigint,
  add column if not exists last_worker text,
  add column if not exists attempts text,
  add column if not exists trace_context text
