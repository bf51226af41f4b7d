-- One parent's operations that failed or were cancelled, newest first. What succeeded, as nearly all do in the end, is not in it.
create index concurrently if not exists operations_unsuccessful on operations (parent, state, id) where state in ('FAILED', 'CANCELLED')
