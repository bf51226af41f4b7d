-- One parent's finished operations in the order in which they ended.
create index concurrently if not exists operations_end on operations (parent, end_time, id) where end_time is not null
