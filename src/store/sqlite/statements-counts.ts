/**
 * The SQL texts that count unfinished operations. All but the count of running operations read an
 * index without the table.
 */

// Index operations_claim. The next method with pending operations that are not blocked.
export const PENDING_METHOD = `
  select method
  from operations
  where state = 'PENDING' and blocked = 0 and method > ?
  order by method
  limit 1`;

// Index operations_claim, for one priority. The number of available operations, and the oldest of
// them.
export const WAITING = `
  select count(*), min(available_time)
  from (
    select available_time from operations
    where state = 'PENDING' and blocked = 0 and method = ? and priority = ? and available_time <= ?
    order by available_time
    limit ?)`;

// Index operations_claim, for one priority.
export const DELAYED = `
  select count(*)
  from (
    select 1 from operations
    where state = 'PENDING' and blocked = 0 and method = ? and priority = ? and available_time > ?
    limit ?)`;

// Index operations_blocked. The next method with blocked operations.
export const BLOCKED_METHOD = `
  select method
  from operations
  where state = 'PENDING' and blocked = 1 and method > ?
  order by method
  limit 1`;

// Index operations_blocked.
export const BLOCKED = `
  select count(*), min(available_time)
  from (
    select available_time from operations
    where state = 'PENDING' and blocked = 1 and method = ?
    order by available_time
    limit ?)`;

// Index operations_running, and the row of each operation.
export const RUNNING = `
  select method, count(*)
  from (select method from operations where state = 'RUNNING' limit ?)
  group by method`;

// Index operations_blocked. The oldest blocked operations, by their key.
export const KEYS = `
  select parallel_key, count(*), min(available_time)
  from (
    select parallel_key, available_time from operations
    where state = 'PENDING' and blocked = 1 and method = ?
    order by available_time
    limit ?)
  group by parallel_key
  order by 2 desc, 1
  limit ?`;

// Index operations_state. The next parent with operations that have not succeeded.
export const UNFINISHED_PARENT = `
  select parent
  from operations
  where state <> 'SUCCEEDED' and parent > ? and parent < ?
  order by parent
  limit 1`;

// Index operations_state.
export const UNFINISHED = `
  select count(*)
  from (
    select 1 from operations
    where state <> 'SUCCEEDED' and parent = ? and state = ?
    limit ?)`;
