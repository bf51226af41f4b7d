-- What is blocked, by method: counted from here without the table. Nothing that has no key is in it.
create index concurrently if not exists operations_blocked on operations (method, available_time) include (parallel_key) where state = 'PENDING' and blocked
