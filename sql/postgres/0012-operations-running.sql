-- What is running. Not by lease_time: a heartbeat moves that, and must not rewrite an index.
create index concurrently if not exists operations_running on operations (id) where state = 'RUNNING'
