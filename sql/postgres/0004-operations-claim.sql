-- What a worker may claim. It holds unfinished work only.
create index concurrently if not exists operations_claim on operations (method, priority, available_time, id) where state = 'PENDING' and not blocked
