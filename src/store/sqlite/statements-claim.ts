import { COLUMNS } from "./statements.ts";

/** The SQL texts of claims. */

// Index operations_claim, without the table. The first method, at or after the given one, that has
// pending operations.
export const METHOD_FROM = `
  select method
  from operations
  where state = 'PENDING' and blocked = 0 and method >= ?
  order by method
  limit 1`;

// Index operations_claim, without the table. The highest priority of the method's pending
// operations below the given one; a single step if no operation has a priority.
export const PRIORITY_BELOW = `
  select priority
  from operations
  where state = 'PENDING' and blocked = 0 and method = ? and priority < ?
  order by priority desc
  limit 1`;

// Index operations_claim, without the table, for one priority: delayed operations come last and
// cost nothing. One row more than the claim may take tells when to come back.
export const CLAIMABLE = `
  select id, available_time
  from operations
  where state = 'PENDING' and blocked = 0 and method = ? and priority = ? and (deadline_time is null or deadline_time > ?)
  order by available_time, id
  limit ?`;

const OF_TENANT = `state = 'PENDING' and blocked = 0 and instr(caller, '"tenant":"') > 0 and method = ? and priority = ?`;
const TENANT = "json_extract(caller, '$.tenant')";

// Index operations_tenants. The first tenant after the given one.
export const TENANT_BEHIND = `
  select ${TENANT}
  from operations
  where ${OF_TENANT} and ${TENANT} > ?
  order by ${TENANT}
  limit 1`;

// Index operations_tenants.
export const CLAIMABLE_OF_TENANT = `
  select id, available_time
  from operations
  where ${OF_TENANT} and ${TENANT} = ? and available_time <= ? and (deadline_time is null or deadline_time > ?)
  order by available_time, id
  limit ?`;

// Index operations_state, and the row of each pending operation of the parent.
export const CLAIMABLE_OF_PARENT = `
  select id, available_time, method, priority
  from operations indexed by operations_state
  where parent = ? and state = 'PENDING' and state <> 'SUCCEEDED' and blocked = 0 and available_time <= ?
    and (deadline_time is null or deadline_time > ?) and method in (select value from json_each(?))
  order by id
  limit ?`;

// The same for operations that become available later.
export const LATER_OF_PARENT = `
  select min(available_time)
  from operations indexed by operations_state
  where parent = ? and state = 'PENDING' and state <> 'SUCCEEDED' and blocked = 0 and available_time > ?
    and (deadline_time is null or deadline_time > ?) and method in (select value from json_each(?))`;

// Primary key.
export const CLAIM = `
  update operations
  set state = 'RUNNING', revision = revision + 1, attempt = attempt + 1, start_time = coalesce(start_time, ?),
    attempt_time = case when attempt > 0 then ? end, lease_time = ?, worker = ?
  where id = ? and state = 'PENDING'
  returning ${COLUMNS}`;
