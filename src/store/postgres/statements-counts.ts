import { NOW } from "./statements.ts";

/**
 * The SQL texts that count unfinished operations of one shard. The first parameter is the time to
 * judge by, as in statements.ts.
 */

/** The methods, by a walk through an index: at most $3. */
const methods = (name: string, condition: string): string => `
  ${name} (method, place) as (
    (select o.method, 1 from operations o where o.state = 'PENDING' /*o.shard*/ and ${condition} order by o.method limit 1)
    union all
    select next.method, w.place + 1
    from ${name} w
    cross join lateral (
      select o.method from operations o
      where o.state = 'PENDING' /*o.shard*/ and ${condition} and o.method > w.method
      order by o.method
      limit 1
    ) next
    where w.place < $3::integer
  )`;

/**
 * The operations of one method and priority that are available, or are not yet: in the order of the
 * index, so that the planner uses it.
 */
const pending = (column: string, judged: string): string => `
  select ${column} from operations o
  where o.state = 'PENDING' /*o.shard*/ and not o.blocked and o.method = m.method and o.priority = level.priority
    and o.available_time ${judged} ${NOW}
  order by o.available_time`;

// Index operations_claim for operations that are not blocked, operations_blocked for blocked ones,
// operations_runs and its rows for running ones. Each count stops at $2, so there is one row per
// priority; the reader adds those of a method.
export const LIVE_COUNTS = `
  with recursive ${methods("waiting", "not o.blocked")}, ${methods("blocked", "o.blocked")}
  select m.method,
    (select count(*) from (${pending("1", "<=")} limit $2::bigint) c), 0,
    (select count(*) from (${pending("1", ">")} limit $2::bigint) c), 0,
    (${pending("o.available_time", "<=")} limit 1), null
  from waiting m
  cross join generate_series(0, 9) as level (priority)
  union all
  select m.method, 0, c.count, 0, 0, null, c.oldest
  from blocked m
  cross join lateral (
    select count(*), min(b.available_time) as oldest from (
      select o.available_time from operations o
      where o.state = 'PENDING' /*o.shard*/ and o.blocked and o.method = m.method
      order by o.available_time
      limit $2::bigint) b
  ) c
  union all
  select r.method, 0, 0, 0, count(*), null, null
  from (select o.method from operations o where o.state = 'RUNNING' /*o.shard*/ limit $4::bigint) r
  group by r.method`;

// Indexes operations_blocked and operations_parallel. The oldest blocked operations, by their key.
export const KEYS = `
  select k.parallel_key, k.count,
    (select count(*) from (
      select 1 from operations o
      where o.method = $1::text and o.parallel_key = k.parallel_key /*o.shard*/ and not o.blocked and o.end_time is null
      limit $2::bigint) held),
    k.oldest
  from (
    select b.parallel_key, count(*) as count, min(b.available_time) as oldest from (
      select o.parallel_key, o.available_time from operations o
      where o.state = 'PENDING' /*o.shard*/ and o.blocked and o.method = $1::text
      order by o.available_time
      limit $2::bigint) b
    group by b.parallel_key
    order by 2 desc, 1
    limit $3::bigint
  ) k`;

const unfinished = (state: string, parents: string): string => `
      (select 1 from operations o where o.state = '${state}' /*o.shard*/ and ${parents} limit $4::integer)`;
const ITSELF = "o.parent = $1::text";
const BELOW = "o.parent > $2::text and o.parent < $3::text";

// Indexes operations_pending and operations_runs. Of one parent, and of all parents between two
// texts.
export const UNFINISHED = `
  select least($4::integer, count(*))
  from (${["PENDING", "RUNNING"]
    .flatMap((state) => [ITSELF, BELOW].map((parents) => unfinished(state, parents)))
    .join("\n      union all")}
  ) o`;
