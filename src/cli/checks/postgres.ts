import { StatusError } from "../../core/error/error.ts";
import { withoutPassword } from "../../core/value/secret.ts";
import type { StoreAddress } from "../../store/address.ts";
import { isCut } from "../../store/postgres/distribution.ts";
import { inspectPostgres, type PostgresState } from "../../store/postgres/inspect.ts";
import { openingFault } from "../../store/postgres/opening-fault.ts";
import { type Check, failedCheck } from "./check.ts";
import { citusChecks } from "./citus.ts";

/** The oldest supported version: PostgreSQL no longer corrects older ones. */
const VERSION_MIN = 15;
/** Values of synchronous_commit with which a commit is on a disk before it is acknowledged. */
const DURABLE = new Set(["on", "remote_apply", "remote_write", "local"]);
/**
 * The fraction of max_connections above which to warn, because a starting process needs several at
 * once.
 */
const CONNECTIONS_PART = 0.8;
/** Fewer dead rows are harmless, however many live ones there are. */
const DEAD_ROWS_MIN = 10_000;
/** A transaction that is open for this long prevents vacuum from removing rows. */
const TRANSACTION_SECONDS = 300;

/**
 * All checks of a PostgreSQL store that do not change it.
 *
 * @param opened opens the store as serve does, and checks its migrations and overdue operations
 */
export async function postgresChecks(
  address: Extract<StoreAddress, { kind: "postgres" }>,
  opened: () => Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  let state: PostgresState;
  try {
    state = await inspectPostgres(address);
  } catch (error) {
    return [notReached(address.url, error)];
  }
  const rights = rightsCheck(state);
  const own = [
    versionCheck(state),
    durabilityCheck(state),
    standbyCheck(state),
    ...citusChecks(state),
    rights,
  ];
  const more = [connectionsCheck(state), bloatCheck(state), transactionsCheck(state)];
  return [...own, ...(rights.status === "fail" ? [] : withRights(await opened(), state)), ...more];
}

/** The error's message, and the remedy. */
function notReached(url: string, error: unknown): Check {
  const told = openingFault(url, error);
  const { problem, remedy } = told instanceof StatusError ? told.metadata : {};
  const why = problem ?? (told instanceof Error ? told.message : String(told));
  const next =
    remedy ??
    "See that --store has the right host, port, user, password and database, and look into the log of PostgreSQL";
  return failedCheck("store", new Error(`${withoutPassword(url)} cannot be reached: ${why}`), `${next}.`);
}

function versionCheck({ versionNumber, version }: PostgresState): Check {
  const name = "version";
  const message = `PostgreSQL ${version}`;
  if (versionNumber >= VERSION_MIN * 10_000) return { name, status: "ok", message };
  return { name, status: "warn", message, next: `Move to PostgreSQL ${VERSION_MIN} or newer.` };
}

function durabilityCheck({ synchronousCommit, fsync, fullPageWrites }: PostgresState): Check {
  const name = "durability";
  const message = `synchronous_commit ${synchronousCommit}, fsync ${onOff(fsync)}, full_page_writes ${onOff(fullPageWrites)}`;
  if (!DURABLE.has(synchronousCommit)) {
    const next =
      "Operations that were acknowledged can be lost. Say: alter system set synchronous_commit = on; select pg_reload_conf(); and see that neither the database nor the user sets it otherwise.";
    return { name, status: "fail", message, next };
  }
  if (!fsync) {
    const next =
      "A crash of the machine can destroy the database. Say: alter system set fsync = on; select pg_reload_conf();";
    return { name, status: "fail", message, next };
  }
  if (fullPageWrites) return { name, status: "ok", message };
  const next = "Leave it off only where the file system never writes half a page, as ZFS does.";
  return { name, status: "warn", message, next };
}

function onOff(on: boolean): string {
  return on ? "on" : "off";
}

function standbyCheck({ isStandby }: PostgresState): Check {
  const name = "standby";
  if (!isStandby) return { name, status: "ok", message: "this server takes writes" };
  const next =
    "Give serve the address of the primary; with several hosts, add target_session_attrs=read-write.";
  return { name, status: "fail", message: "this server follows another and is read only", next };
}

function rightsCheck({ missingRights }: PostgresState): Check {
  const name = "rights";
  if (missingRights.length === 0) {
    return { name, status: "ok", message: "our tables, where they are, can be read and written" };
  }
  const next = "Grant them to the user that serve comes as, or run serve as the owner of the tables.";
  return { name, status: "fail", message: `missing: ${missingRights.join(", ")}`, next };
}

/** Pending migrations need the right to create tables. */
function withRights(checks: readonly Check[], { mayCreate }: PostgresState): readonly Check[] {
  if (mayCreate) return checks;
  return checks.map((check) => {
    if (check.name !== "migrations" || check.status === "ok") return check;
    const next =
      "This user may make no tables in the schema. Apply them as one who may, with: longrunning migrate --store ADDRESS";
    return { ...check, status: "fail", next };
  });
}

function connectionsCheck({ connectionsUsed, connectionsMax }: PostgresState): Check {
  const name = "connections";
  const message = `${connectionsUsed} of ${connectionsMax} are used`;
  if (connectionsUsed < connectionsMax * CONNECTIONS_PART) return { name, status: "ok", message };
  const next = "Raise max_connections, lower --connections of the processes, or put pgbouncer in between.";
  return { name, status: "warn", message, next };
}

function bloatCheck({ liveRows, deadRows, bytes, distribution }: PostgresState): Check {
  const name = "bloat";
  if (isCut(distribution)) {
    const message =
      "operations is distributed (Citus): its rows are on the worker nodes, and are not looked at from here";
    return { name, status: "ok", message, next: "Look there, or at: select * from citus_shards;" };
  }
  const message = `${deadRows} dead rows beside ${liveRows}, ${(bytes / 1024 ** 2).toFixed(1)} MiB with indexes`;
  if (deadRows < DEAD_ROWS_MIN || deadRows <= liveRows) return { name, status: "ok", message };
  const next =
    "They are not removed fast enough. Say: vacuum operations; and let it come more often: alter table operations set (autovacuum_vacuum_scale_factor = 0.02);";
  return { name, status: "warn", message, next };
}

function transactionsCheck({ oldestTransactionSeconds: seconds }: PostgresState): Check {
  const name = "transactions";
  if (seconds < TRANSACTION_SECONDS) {
    return { name, status: "ok", message: "none keeps dead rows from being removed" };
  }
  const next =
    "Look for it in pg_stat_activity (backend_xmin), and end it; idle_in_transaction_session_timeout does so by itself.";
  return {
    name,
    status: "warn",
    message: `a transaction that is open for ${seconds}s keeps dead rows from being removed`,
    next,
  };
}
