/** The SQL texts of resources (small configured records). The kind determines the shard. */

// Primary key of resources.
export const RESOURCES = `
  select r.name, r.revision, r.due_time, r.value from resources r
  where r.kind = $1::text and r.shard = $2::smallint /*r.shard*/
  order by r.name
  limit $3::bigint`;

// Primary key of resources.
export const NAMED_RESOURCES = `
  select r.name, r.revision, r.due_time, r.value from resources r
  where r.kind = $1::text and r.shard = $2::smallint /*r.shard*/ and r.name = any($3::text[])`;

const newResource = (shard: string): string => `
  insert into resources (shard, kind, name, due_time, value, revision)
  values (${shard}, $2::text, $3::text, $4::bigint, $5::text, 1)
  on conflict do nothing
  returning revision`;

// Primary key of resources.
export const NEW_RESOURCE = newResource("$1::smallint");
/** The same as {@link NEW_RESOURCE} for one shard. */
export const newResourceText = (shard: number): string =>
  newResource(`${shard}`).replaceAll(/\$(\d)/g, (_, number) => `$${Number(number) - 1}`);

// Primary key of resources.
export const REPLACE_RESOURCE = `
  update resources r
  set due_time = $4::bigint, value = $5::text, revision = r.revision + 1
  where r.shard = $1::smallint /*r.shard*/ and r.kind = $2::text and r.name = $3::text and r.revision = $6::integer
  returning r.revision`;

// Primary key of resources.
export const DROP_RESOURCE = `
  delete from resources r
  where r.shard = $1::smallint /*r.shard*/ and r.kind = $2::text and r.name = $3::text
  returning r.revision`;

// Index resources_due, then the primary key.
export const DROP_DUE_RESOURCES = `
  delete from resources r
  where r.shard = $1::smallint /*r.shard*/ and r.kind = $2::text and r.name in (
    select d.name from resources d
    where d.shard = $1::smallint /*d.shard*/ and d.kind = $2::text and d.due_time <= $3::bigint
    order by d.due_time
    limit $4::bigint)
  returning r.revision`;
