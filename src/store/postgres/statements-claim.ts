import { LIMITS } from "../../core/limits.ts";
import { ALL_SHARDS } from "./sharding.ts";
import { firstOf, NOW, OWN_COLUMNS } from "./statements.ts";

/** The SQL texts of claims. The first parameter is the time to judge by, as in statements.ts. */

/** Whether the parameter $7 contains starts: it is empty for a claim that scans everything. */
const BEGINS = "(select cardinality($7::bigint[]) > 0)";

/**
 * The wanted methods with pending operations, by a walk through the index: from a wanted method to
 * the first pending one at or after it, and from there to the next wanted one (they are sorted).
 * The cost depends only on methods with pending operations, not on the hundreds that a process may
 * declare. `place`: the number of wanted methods up to the one found. Index operations_claim.
 */
const PENDING = `
    pending (method, place) as (
      select first.method, width_bucket(first.method, $2::text[])
      from (
        select method
        from operations o
        where state = 'PENDING' /*o.shard*/ and not blocked and method >= ($2::text[])[1]
        order by method
        limit 1
      ) first
      union all
      select next.method, width_bucket(next.method, $2::text[])
      from pending p
      cross join lateral (
        select method
        from operations o
        where state = 'PENDING' /*o.shard*/ and not blocked and method >= ($2::text[])[p.place + 1]
        order by method
        limit 1
      ) next
    )`;

/**
 * The methods to scan, each with its highest priority in use, which saves a fifth of a claim if no
 * operation has a priority. Index operations_claim. When whole scans are expensive, so is this
 * look: all wanted methods and priorities are scanned then, and claims do not begin at 0.
 */
const WANTED = `
    select method, most, place, case
      when ($7::bigint[])[10 * (place - 1) + 2] > 0 then 9
      else coalesce((
        select priority
        from operations o
        where state = 'PENDING' /*o.shard*/ and not blocked and o.method = w.method and priority > 0
        order by priority desc
        limit 1), 0) end as highest
    from (
      select p.method, ($3::integer[])[p.place], p.place
      from pending p
      where not ${BEGINS} and ($2::text[])[p.place] = p.method
      union all
      select u.method, u.most, u.place
      from unnest($2::text[], $3::integer[]) with ordinality as u (method, most, place)
      where ${BEGINS}
    ) as w (method, most, place)`;

/**
 * The claimable operations: for each wanted method and priority the first few by available time, so
 * that delayed operations are not scanned. Index operations_claim, once for each, from the
 * available time in $7.
 */
const AVAILABLE = `
    select c.*, w.method, w.most
    from wanted w
    cross join generate_series(w.highest, 0, -1) as level (priority)
    cross join lateral (
      select shard, id, level.priority, available_time
      from operations o
      where state = 'PENDING' /*o.shard*/ and not blocked and o.method = w.method and priority = level.priority
        and available_time <= ${NOW} and available_time >= coalesce(($7::bigint[])[10 * (w.place - 1) + level.priority + 1], 0)
        and (deadline_time is null or deadline_time > ${NOW})
      order by available_time, id
      limit least(w.most, $4::integer) + 1
      for update skip locked
    ) c`;

/**
 * The pending operations of a parent ($7) and of those below it; "0" is the character after "/".
 * Index operations_pending, so that only operations there cost anything.
 */
const withinOf = (condition: string, columns: string, end: string): string =>
  ["o.parent = $7::text", "o.parent > $7::text || '/' and o.parent < $7::text || '0'"]
    .map(
      (parents) => `
      (select ${columns}
      from operations o
      where state = 'PENDING' /*o.shard*/ and ${parents} and not blocked and o.method = any($2::text[]) and ${condition}
        and (deadline_time is null or deadline_time > ${NOW})${end})`,
    )
    .join(`
      union all`);

const WITHIN = `
    select rows.*, w.most
    from (${withinOf(`available_time <= ${NOW}`, "shard, id, method, priority, available_time", ` order by parent, id limit ${LIMITS.claimWithinExaminedMax}`)}
    ) rows
    join unnest($2::text[], $3::integer[]) as w (method, most) on w.method = rows.method`;

/** The first claimable operations, within the limit of each method and the total limit. */
const chosenOf = (available: string, order: string): string => `
    select shard, id, available_time, place <= most and row_number() over (
      order by (place <= most) desc, ${order}) <= $4::integer as taken
    from (
      select *, row_number() over (partition by method order by ${order}) as place
      from ${available}
    ) placed`;

/** The claimable operations with a tenant. Index operations_tenants. */
const OF_TENANTS = `
        where state = 'PENDING' /*o.shard*/ and not blocked and strpos(caller, '"tenant":"') > 0
          and o.method = w.method and priority = level.priority`;
const TENANT = `substring(caller from '"tenant":"([^"]*)"')`;
const LAST_TENANT = `(coalesce(($8::text[])[10 * (w.place - 1) + level.priority + 1], '') collate "C")`;

/**
 * The tenants with pending operations, at most $9 for each method and priority: first those after
 * $8, where the last claim stopped, then from the beginning. Index operations_tenants, by a walk.
 */
const TENANTS = `
    select w.method, w.most, w.place, level.priority, t.tenant, t.step
    from wanted w
    cross join generate_series(w.highest, 0, -1) as level (priority)
    cross join lateral (
      with recursive walk (tenant, step, is_round) as (
        select ${LAST_TENANT}, 0, false
        union all
        select next.tenant, walk.step + 1, next.is_round
        from walk
        cross join lateral (
          (select ${TENANT} as tenant, walk.is_round
          from operations o ${OF_TENANTS}
            and ${TENANT} > walk.tenant and (not walk.is_round or ${TENANT} <= ${LAST_TENANT})
          order by ${TENANT}
          limit 1)
          union all
          (select ${TENANT}, true
          from operations o ${OF_TENANTS}
            and not walk.is_round and ${TENANT} <= ${LAST_TENANT}
          order by ${TENANT}
          limit 1)
          limit 1
        ) next
        where walk.step < $9::integer
      )
      select tenant, step from walk where step > 0
    ) t`;

/** The first $10 operations of each of these tenants. Index operations_tenants. */
const TURNS = `
    select c.*, w.method, w.most, w.tenant
    from tenants w
    cross join lateral (select w.priority) as level (priority)
    cross join lateral (
      select shard, id, level.priority, available_time
      from operations o ${OF_TENANTS}
        and ${TENANT} = w.tenant and available_time <= ${NOW} and (deadline_time is null or deadline_time > ${NOW})
      order by available_time, id
      limit $10::integer
      for update skip locked
    ) c`;

/** Rounds with one operation of each tenant; operations outside of rounds come last. */
const ROUNDS = `
    select shard, id, priority, available_time, method, most, min(round) as round
    from (
      select *, row_number() over (partition by method, priority, tenant order by available_time, id) as round
      from turns
      union all
      select *, null, case when $11::boolean and row_number() over (partition by method, priority order by available_time, id) = 1 then 0
        else 1000000 end
      from available
    ) rows
    group by shard, id, priority, available_time, method, most`;

// Index operations_claim, for operations that become available later.
const LATER = `
    select min(c.available_time)
    from wanted w
    cross join generate_series(0, w.highest) as level (priority)
    cross join lateral (
      select available_time
      from operations o
      where state = 'PENDING' /*o.shard*/ and not blocked and o.method = w.method and priority = level.priority
        and available_time > ${NOW} and (deadline_time is null or deadline_time > ${NOW})
      order by available_time
      limit 1
    ) c`;

/** A first attempt has no separate time. Not by `case`, as in {@link firstOf}. */
const ATTEMPT_TIME = `(array[null, ${NOW}])[1 + (o.attempt > 0)::integer]`;

const IN_ORDER = "priority desc, available_time, id";

const CLAIMED = `
    update operations o
    set state = 'RUNNING', revision = o.revision + 1, attempt = o.attempt + 1,
      start_time = ${firstOf("o.start_time", NOW)}, attempt_time = ${ATTEMPT_TIME}, lease_time = ${NOW} + $5::bigint, worker = $6::text
    from unnest(array(select shard from chosen where taken), array(select id from chosen where taken)) as d (shard, id)
    where o.shard = d.shard /*o.shard*/ and o.id = d.id
    returning ${OWN_COLUMNS}`;

/** @param chosen the common table expressions, ending with the chosen operations */
const claimText = (chosen: string, more = ""): string => `
  with recursive ${PENDING},
  wanted as materialized (${WANTED}),
  available as materialized (${AVAILABLE}),
  ${chosen},
  claimed as (${CLAIMED}
  )
  select least((select min(available_time) from chosen where not taken), (${LATER})), ${more}claimed.*
  from (select 1) one
  left join claimed on true`;

// Indexes as in AVAILABLE; then the primary key: arrays tell the planner that there are few rows.
// Rows that another claim has locked are skipped, so that claims do not wait for each other. The
// first row contains the time of the next claim; its id is null if nothing was claimed.
export const CLAIM = claimText(`chosen as materialized (${chosenOf("available", IN_ORDER)})`);

// A claim within a parent. It reads more rows than are wanted, because others may have locked some.
// The first row contains the time of the next claim.
export const CLAIM_WITHIN = `
  with available as materialized (${WITHIN}),
  ordered as materialized (
    select *, row_number() over (partition by method order by ${IN_ORDER}) <= most as fits
    from available
  ),
  first as materialized (
    select shard, id
    from ordered
    order by fits desc, ${IN_ORDER}
    limit 2 * $4::integer + 8
  ),
  free as materialized (
    select shard, id, method, priority, available_time
    from operations o
    where (o.shard, o.id) in (select shard, id from first) /*o.shard*/ and state = 'PENDING' and not blocked
    for update skip locked
  ),
  chosen as materialized (${chosenOf("(select free.*, w.most from free join unnest($2::text[], $3::integer[]) as w (method, most) on w.method = free.method) rows", IN_ORDER)}),
  claimed as (${CLAIMED}
  )
  select least(
    (select min(available_time) from ordered where id not in (select id from chosen where taken)),
    (select min(available_time) from (${withinOf(`available_time > ${NOW}`, "available_time", "")}) later)
  ), claimed.*
  from (select 1) one
  left join claimed on true`;

/** As JSON, for each method and priority: where the walk stopped (position in $8, tenant). */
const REACHED = `(
    select json_agg(json_build_array(10 * (place - 1) + priority, tenant))::text
    from (select distinct on (place, priority) place, priority, tenant from tenants order by place, priority, step desc) last), `;

/**
 * A claim with turns. $8: the tenant at which the last claim stopped, for each method and priority;
 * $9: tenants to look at for each; $10: operations of each tenant; $11: whether the oldest
 * operation comes first. The second column contains where the walks stopped.
 */
export const CLAIM_IN_TURNS = claimText(
  `tenants as materialized (${TENANTS}),
  turns as materialized (${TURNS}),
  rounds as materialized (${ROUNDS}),
  chosen as materialized (${chosenOf("rounds", "priority desc, round, available_time, id")})`,
  REACHED,
);

/**
 * On a distributed database: the methods of $2 with pending operations, by shard of $3, each with
 * its earliest available time. Index operations_claim, on every shard; runs only without hints.
 */
export const LOOK = `${ALL_SHARDS}
  select o.method, min(o.available_time), o.shard
  from operations o
  where o.state = 'PENDING' and not o.blocked and o.method = any($2::text[]) and o.shard = any($3::smallint[])
    and (o.deadline_time is null or o.deadline_time > $1::bigint)
  group by o.method, o.shard`;

// Index operations_claim. The wanted methods with pending operations, each with its earliest
// available time. If nobody claims this work, it was not announced.
export const OPEN = `
  with recursive ${PENDING}
  select p.method, min(c.available_time) as available_time
  from pending p
  cross join generate_series(0, 9) as level (priority)
  cross join lateral (
    select available_time
    from operations o
    where state = 'PENDING' /*o.shard*/ and not blocked and o.method = p.method and priority = level.priority
      and (deadline_time is null or deadline_time > ${NOW})
    order by available_time
    limit 1
  ) c
  where ($2::text[])[p.place] = p.method
  group by p.method`;
