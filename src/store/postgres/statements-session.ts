/**
 * The SQL texts that configure a session. Whatever an operator, a database or a role has
 * configured, our statements keep their meaning, end in time, and have the plans that they were
 * made for.
 */

/** Settings of a session, by name. */
export type Settings = Readonly<Record<string, string>>;

/**
 * The longest wait for a lock, because the rest of the batch waits too. A command that needs the
 * lock is then tried alone (lane.ts). Milliseconds.
 */
const LOCK_TIMEOUT_MS = 200;

/** The database cancels a statement that takes longer. Milliseconds. */
export const STATEMENT_TIMEOUT_MS = 5_000;

/** The meaning of our texts and parameters. The address cannot change these. */
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

/** A connection that waits for work is not idle; one with an open transaction is dead. */
export const TIMEOUTS: Settings = {
  statement_timeout: String(STATEMENT_TIMEOUT_MS),
  lock_timeout: String(LOCK_TIMEOUT_MS),
  idle_in_transaction_session_timeout: String(2 * STATEMENT_TIMEOUT_MS),
  transaction_timeout: String(2 * STATEMENT_TIMEOUT_MS),
  idle_session_timeout: "0",
};

/** For migrations: building an index has no time limit. */
export const NO_TIMEOUTS: Settings = Object.fromEntries(Object.keys(TIMEOUTS).map((name) => [name, "0"]));

/**
 * If a client is gone without closing its connection (its machine or the network failed), the
 * database ends the session after a minute: three unanswered probes after 30 s of silence, or an
 * answer that is not received for 60 s. Otherwise the session keeps its place among
 * `max_connections`, and a lock of a migration, for over two hours. Sessions over a Unix socket
 * ignore these settings. A session of a pooler leaves them alone, because its client is the pooler.
 */
export const LOST_CLIENTS: Settings = {
  tcp_keepalives_idle: "30",
  tcp_keepalives_interval: "10",
  tcp_keepalives_count: "3",
  tcp_user_timeout: "60000",
};

/**
 * Every statement is written for one plan, along its index. Planning takes longer than execution,
 * so it is done once. A table that was just filled has no statistics yet; without them the planner
 * would read all of it.
 */
export const PLANS: Settings = {
  plan_cache_mode: "force_generic_plan",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
  jit: "off",
  // Citus: otherwise a statement over all shards opens a connection for each at once.
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
  // Plans need only the size of the table and a rough picture of its content; collecting more takes
  // a tenth of a second.
  default_statistics_target: "10",
};

/**
 * In the transaction of a statement over all shards of a distributed database: Citus needs the
 * parameters to plan it.
 */
export const PLANNED_EACH_TIME = "set local plan_cache_mode = force_custom_plan";

/**
 * In a transaction: explains plans as the coordinator of Citus makes them, without asking a worker
 * node, which may be unreachable.
 */
export const EXPLAINED_HERE = "set local citus.explain_distributed_queries = off";

/**
 * Settings for worker nodes of Citus, which otherwise wait for locks as long as a statement may
 * take, and compile plans for longer than they run.
 */
const ON_NODES: Settings = {
  lock_timeout: String(LOCK_TIMEOUT_MS),
  jit: "off",
  enable_seqscan: "off",
  enable_hashjoin: "off",
  enable_mergejoin: "off",
};

/**
 * In a transaction: sends our settings to worker nodes of Citus, which do not get those of the
 * session. Citus sends a node the whole text that contains a `set local`, so the text must contain
 * nothing else.
 *
 * @param asked settings of the address, which take precedence
 */
export function onNodes(asked: Settings): string {
  return Object.entries(ON_NODES)
    .map(([name, value]) => `set local ${name} = ${literal(asked[name] ?? value)}`)
    .join("; ");
}

/** In a transaction: queries for display may take at most a second. */
export const BRIEFLY = "select set_config('statement_timeout', '1000', true)";

/** An acknowledged operation is on disk. The address can relax this. */
export const DURABILITY: Settings = { synchronous_commit: "on" };
const IS_DURABLE = "current_setting('synchronous_commit') <> 'off'";

/**
 * The number of the server process, whether it is read-only, whether it is a standby, and whether
 * it has Citus.
 */
export const WHO = `
  select pg_backend_pid(), current_setting('transaction_read_only') = 'on', pg_is_in_recovery(),
    to_regclass('pg_catalog.pg_dist_partition') is not null`;

/**
 * Sets the settings that differ and that the database knows, because versions differ.
 *
 * @param scope whether they hold for the session, or until the end of the transaction
 */
export function settle(pinned: Settings, scope: "session" | "transaction"): string {
  const rows = Object.entries(pinned).map(([name, value]) => `(${literal(name)}, ${literal(value)})`);
  return `select count(set_config(name, value, ${scope === "transaction"}))
    from (values ${rows.join(", ")}) as pinned (name, value)
    where current_setting(name, true) <> value
      and (name <> 'synchronous_commit' or not ${IS_DURABLE})`;
}

/** Applies the settings of the address. An unknown setting is an error. */
export function ask(asked: Settings, scope: "session" | "transaction"): string {
  const calls = Object.entries(asked).map(
    ([name, value]) => `set_config(${literal(name)}, ${literal(value)}, ${scope === "transaction"})`,
  );
  return `select ${calls.join(", ")}`;
}

/** Begins a transaction, regardless of the database's defaults. */
export const BEGIN = "begin isolation level read committed";
/** Statements that PostgreSQL runs only outside a transaction. */
export const ALONE = /^\s*(?:--[^\n]*\s+)*(?:create|drop)\s+(?:unique\s+)?index\s+concurrently\s/i;
export const COMMIT = "commit";
export const ROLLBACK = "rollback";

/** For a transaction of the caller: `NULL` in an array means null, as it does everywhere else. */
export const READ_NULLS = "select set_config('array_nulls', 'on', true)";

/**
 * Plans a statement as it is planned for execution, in a transaction. It passes nulls as
 * parameters, and runs nothing.
 */
export function planned(text: string): readonly string[] {
  const numbers = Array.from(text.matchAll(/\$(\d+)/g), ([, number]) => Number(number));
  const nulls = Array.from({ length: Math.max(0, ...numbers) }, () => "null");
  const parameters = nulls.length === 0 ? "" : `(${nulls.join(", ")})`;
  return [`prepare rehearsal as ${text}`, `explain execute rehearsal${parameters}`, "deallocate rehearsal"];
}

/** A string literal that is safe however the database reads backslashes. */
function literal(text: string): string {
  return `E'${text.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
