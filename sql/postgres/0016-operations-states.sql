-- One parent's operations of one state, newest first. What succeeded, as nearly all do in the end, is not in it, and what is running
-- has operations_runs.
create index concurrently if not exists operations_states on operations (parent, state, id) where state not in ('SUCCEEDED', 'RUNNING')
