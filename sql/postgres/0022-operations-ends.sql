-- One parent's finished operations in the order in which they ended. Not by id: what ended in one millisecond shares an entry, and
-- is sorted by those who read it.
create index concurrently if not exists operations_ends on operations (parent, end_time) where end_time is not null
