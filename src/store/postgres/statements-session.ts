/**
 * The SQL texts that make a session ready. Whatever an operator, a database or a role has set otherwise, our statements mean
 * the same, end in time, and have the plans that they were made for.
 */

/** Settings of a session, by name. */
export type Settings = Readonly<Record<string, string>>;

/**
 * A statement waits for a lock no longer than this, since the batch that it carries waits with it. A command that needs the lock
 * is then tried alone (lane.ts). Milliseconds.
 */
const LOCK_TIMEOUT_MS = 200;

/** A statement that takes longer is stopped by the database. Milliseconds. */
export const STATEMENT_TIMEOUT_MS = 5_000;

/** What our texts and parameters mean. Nobody can have it otherwise. */
export const MEANING: Settings = {
  array_nulls: "on",
  backslash_quote: "safe_encoding",
  default_transaction_deferrable: "off",
  default_transaction_isolation: "read committed",
  exit_on_error: "off",
  extra_float_digits: "1",
  quote_all_identifiers: "off",
  standard_conforming_strings: "on",
  transform_null_equals: "off",
};

/** A connection that waits for work is not idle, and one whose transaction is left open is dead. */
export const TIMEOUTS: Settings = {
  statement_timeout: String(STATEMENT_TIMEOUT_MS),
  lock_timeout: String(LOCK_TIMEOUT_MS),
  idle_in_transaction_session_timeout: String(2 * STATEMENT_TIMEOUT_MS),
  transaction_timeout: String(2 * STATEMENT_TIMEOUT_MS),
  idle_session_timeout: "0",
};

/** For migrations: an index takes as long as it takes. */
export const NO_TIMEOUTS: Settings = Object.fromEntries(Object.keys(TIMEOUTS).map((name) => [name, "0"]));

/**
 * Every statement is made for one plan, along its index, and making the plan takes longer than carrying it out: it is made
 * once. A table that has just been filled has no statistics yet; with them missing, the planner would read all of it.
 */
export const PLANS: Settings = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
  // Of Citus: a statement over all shards opens a connection for each at once otherwise.
  "citus.max_adaptive_executor_pool_size": "1",
  "citus.propagate_set_commands": "local",
  enable_bitmapscan: "on",
  enable_hashagg: "on",
  enable_incremental_sort: "on",
  enable_indexonlyscan: "on",
  enable_indexscan: "on",
  enable_material: "on",
  enable_memoize: "on",
  enable_nestloop: "on",
  enable_sort: "on",
  from_collapse_limit: "8",
  join_collapse_limit: "8",
  // How large the table is, and roughly what is in it, is all that a plan needs; more takes a tenth of a second to look at.
  default_statistics_target: "10",
};

/**
 * In the transaction of a statement over all shards of a distributed database: Citus has to know its parameters to plan it.
 */
export const PLANNED_EACH_TIME = "set local plan_cache_mode = force_custom_plan";

/** In a transaction: plans are told as the coordinator of Citus makes them, without asking a worker node, which may be away. */
export const EXPLAINED_HERE = "set local citus.explain_distributed_queries = off";

/** What worker nodes of Citus do otherwise: wait for locks as long as a statement may take, and compile plans for longer than they run. */
const ON_NODES: Settings = {
  lock_timeout: String(LOCK_TIMEOUT_MS),
  jit: "off",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
};

/**
 * In a transaction: tells worker nodes of Citus our settings, as they hear of none of a session. Citus sends a node the whole text that
 * a `set local` has come in, so that nothing else may stand in it.
 *
 * @param asked what the address has otherwise
 */
export function onNodes(asked: Settings): string {
  return Object.entries(ON_NODES)
    .map(([name, value]) => `set local ${name} = ${literal(asked[name] ?? value)}`)
    .join("; ");
}

/** In a transaction: what is only looked at for people is not worth more than a second. */
export const BRIEFLY = "select set_config('statement_timeout', '1000', true)";

/** An acknowledged operation is on the disk. The address can ask for less. */
export const DURABILITY: Settings = { synchronous_commit: "on" };
const IS_DURABLE = "current_setting('synchronous_commit') <> 'off'";

/** Which of the server's processes this is, whether it takes writes, whether it follows another, and whether it has Citus. */
export const WHO = `
  select pg_backend_pid(), current_setting('transaction_read_only') = 'on', pg_is_in_recovery(),
    to_regclass('pg_catalog.pg_dist_partition') is not null`;

/**
 * Sets what is not so yet, and what the database knows at all: versions differ.
 *
 * @param scope whether it holds for the session, or until the end of the transaction
 */
export function settle(pinned: Settings, scope: "session" | "transaction"): string {
  const rows = Object.entries(pinned).map(([name, value]) => `(${literal(name)}, ${literal(value)})`);
  return `select count(set_config(name, value, ${scope === "transaction"}))
    from (values ${rows.join(", ")}) as pinned (name, value)
    where current_setting(name, true) <> value
      and (name <> 'synchronous_commit' or not ${IS_DURABLE})`;
}

/** Sets what the address asks for. A setting that the database does not know is an error. */
export function ask(asked: Settings, scope: "session" | "transaction"): string {
  const calls = Object.entries(asked).map(
    ([name, value]) => `set_config(${literal(name)}, ${literal(value)}, ${scope === "transaction"})`,
  );
  return `select ${calls.join(", ")}`;
}

/** Begins a transaction; what the database has by default does not count. */
export const BEGIN = "begin isolation level read committed";
/** What PostgreSQL carries out in no transaction. */
export const ALONE = /^\s*(?:--[^\n]*\s+)*(?:create|drop)\s+(?:unique\s+)?index\s+concurrently\s/i;
export const COMMIT = "commit";
export const ROLLBACK = "rollback";

/** For a transaction of a caller's: `NULL` in an array is none, as everywhere else. */
export const READ_NULLS = "select set_config('array_nulls', 'on', true)";

/** Plans a statement as it is planned when it is carried out, in a transaction. Nothing is given to it, and nothing done. */
export function planned(text: string): readonly string[] {
  const numbers = Array.from(text.matchAll(/\$(\d+)/g), ([, number]) => Number(number));
  const nulls = Array.from({ length: Math.max(0, ...numbers) }, () => "null");
  const parameters = nulls.length === 0 ? "" : `(${nulls.join(", ")})`;
  return [`prepare rehearsal as ${text}`, `explain execute rehearsal${parameters}`, "deallocate rehearsal"];
}

/** A text, however the database reads backslashes. */
function literal(text: string): string {
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
