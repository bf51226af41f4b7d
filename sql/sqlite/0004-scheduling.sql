-- Priorities, and limits on how many operations of one method and key go on at once.

alter table operations add column priority     integer not null default 0 check (priority between 0 and 9);
alter table operations add column parallel_key text;   -- limits it together with others of its method; null for no limit
alter table operations add column blocked      integer not null default 0 check (blocked in (0, 1));

-- What a worker may claim: of each priority the oldest availability first. What is blocked is not in it.
drop index operations_claim;
create index operations_claim on operations (method, priority, available_time, id, deadline_time)
  where state = 'PENDING' and blocked = 0;

-- Unfinished operations that others of their key wait for (blocked = 0), and those that wait, the next one first. The end
-- is in it so that it is read without the table.
create index operations_parallel
  on operations (method, parallel_key, blocked, priority desc, available_time, id, end_time)
  where parallel_key is not null and end_time is null;
