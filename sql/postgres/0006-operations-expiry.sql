-- Finished operations, by when they may be deleted.
create index concurrently if not exists operations_expiry on operations (expire_time) where expire_time is not null
