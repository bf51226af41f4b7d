-- What failed or was cancelled, of one method, newest first. What succeeds is not in it.
create index concurrently if not exists operations_failures on operations (method, state, id) where state in ('FAILED', 'CANCELLED')
