-- Unfinished operations that have a deadline.
create index concurrently if not exists operations_deadline on operations (deadline_time) where deadline_time is not null and end_time is null
