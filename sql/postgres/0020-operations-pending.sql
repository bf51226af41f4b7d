-- One parent's pending operations, newest first.
create index concurrently if not exists operations_pending on operations (parent, id) where state = 'PENDING'
