import postgres from "postgres";

/**
 * Constraints between the columns of `operations` on PostgreSQL. Tests have the database check them
 * with every write. Outside of tests they are not checked, because PostgreSQL would parse the
 * conditions again in every statement.
 */
const PROMISES = [
  "priority between 0 and 9",
  "state in ('PENDING', 'RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED')",
  "revision >= 1",
  "attempt >= 0",
  "failed_attempts >= 0",
  "attempts_max >= 1",
  "time_to_live_ms >= 0",
  "(metadata is null) = (metadata_type is null)",
  "(response is null) = (response_type is null)",
  "(response is not null) = (state = 'SUCCEEDED')",
  "(error is not null) = (state in ('FAILED', 'CANCELLED'))",
  "(end_time is not null) = (state in ('SUCCEEDED', 'FAILED', 'CANCELLED'))",
  "(expire_time is not null) = (end_time is not null)",
  "(lease_time is not null) = (state = 'RUNNING')",
  "(worker is not null) = (state = 'RUNNING')",
  "state <> 'RUNNING' or attempt >= 1",
  "not blocked or parallel_key is not null",
];

/** Makes a migrated database check the constraints from now on. */
export async function checkPromises(address: string): Promise<void> {
  const sql = postgres(address, { max: 1, onnotice: () => {} });
  const all = PROMISES.map((promise) => `(${promise})`).join(" and ");
  await sql`alter table operations drop constraint if exists promises`;
  await sql.unsafe(`alter table operations add constraint promises check (${all})`);
  await sql.end();
}
