-- What a worker may claim, by the tenant of whoever started it, so that tenants can take turns. Operations of no tenant are not in it.
create index operations_tenants
  on operations (method, priority, json_extract(caller, '$.tenant'), available_time, id, deadline_time)
  where state = 'PENDING' and blocked = 0 and instr(caller, '"tenant":"') > 0;
