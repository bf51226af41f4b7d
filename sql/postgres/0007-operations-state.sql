-- One parent's operations of one state, newest first; and what is running. What succeeded, as nearly all do in the end, is not in
-- it. Nor is lease_time: a heartbeat moves that, and must not rewrite an index.
create index concurrently if not exists operations_state on operations (parent, state, id) where state <> 'SUCCEEDED'
