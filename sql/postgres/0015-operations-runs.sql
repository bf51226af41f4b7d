-- What is running, of one parent newest first, and of all for the sweep. Not by lease_time: a heartbeat moves that, and must not
-- rewrite an index. A claim changes no column of its key, only the condition: so PostgreSQL looks for dead entries on a page
-- before it splits the page, and the index stays as small as what is running.
create index concurrently if not exists operations_runs on operations (parent, id) where state = 'RUNNING'
