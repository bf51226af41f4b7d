-- What a worker may claim, by the tenant of whoever started it, so that tenants can take turns. Operations of no tenant are not in it.
create index concurrently if not exists operations_tenants on operations (method, priority, substring(caller from '"tenant":"([^"]*)"'), available_time, id) where state = 'PENDING' and not blocked and strpos(caller, '"tenant":"') > 0
