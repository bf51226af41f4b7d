-- Unfinished operations of a method and key: who holds a place, and who is next.
create index concurrently if not exists operations_parallel on operations (method, parallel_key, blocked, priority desc, available_time, id) where parallel_key is not null and end_time is null
