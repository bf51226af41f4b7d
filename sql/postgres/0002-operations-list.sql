-- A page of a parent's operations, newest first.
create index concurrently if not exists operations_list on operations (parent, id)
