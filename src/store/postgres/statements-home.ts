import { NOW } from "./statements.ts";

/**
 * The SQL texts about live processes. The first parameter is the time to judge by, as in
 * statements.ts. All read the whole table, which has one row per process.
 */

const SEEN = `seen_time = ${NOW}`;

// Renews this process's row, or inserts it again if it was removed; removes the rows of dead
// processes; returns the live ones. Methods that are known already (of the processes in $5) are not
// returned again.
export const LIVE = `
  with renewed as (
    update homes set ${SEEN} where name = $2 returning name, seen_time
  ), removed as (
    delete from homes where name <> $2 and seen_time <= ${NOW} - $4::bigint
  )
  select name, null from renewed
  union all
  select name, case when name = any($5::text[]) then null else methods end
  from homes
  where name <> $2 and seen_time > ${NOW} - $3::bigint`;

export const ENTER = `
  insert into homes (name, methods, seen_time) values ($2, $3, ${NOW})
  on conflict (name) do update set ${SEEN}, methods = excluded.methods`;

export const LEAVE = "delete from homes where name = $1";
