import { NOW } from "./statements.ts";

/**
 * The SQL texts about the processes that live. The first parameter is the instant to judge by, as in statements.ts. All look at
 * the whole of a table that has a row for each process.
 */

const SEEN = `seen_time = ${NOW}`;

// Renews one's own row, which may have been removed, removes those of the dead, and tells who lives. Methods that are known
// already ($5: whose they are) are not told again.
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
