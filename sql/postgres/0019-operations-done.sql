-- One parent's finished operations, newest first. A start and a claim write no entry of it.
create index concurrently if not exists operations_done on operations (parent, id) where state not in ('PENDING', 'RUNNING')
