-- At most one operation for a request id.
create unique index concurrently if not exists operations_request on operations (shard, parent, method, request_id) where request_id is not null
