import { access, constants, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { withoutPassword } from "../../core/value/secret.ts";
import type { Store } from "../../core/ports/store.ts";
import { type Check, failedCheck } from "./check.ts";
import type { Io } from "../io.ts";

/** Below this, warn: a busy server fills it in hours. */
const FREE_BYTES_WARN = 1024 ** 3;
/** Below this, fail: SQLite needs space for its log (WAL) to commit anything at all. */
const FREE_BYTES_FAIL = 128 * 1024 ** 2;

/** All checks of the store that do not change it. */
export async function storeChecks(io: Io, address: string): Promise<readonly Check[]> {
  const { parseAddress } = await import("../../store/address.ts");
  let parsed: ReturnType<typeof parseAddress>;
  try {
    parsed = parseAddress(address);
  } catch (error) {
    return [failedCheck("store", error, "Correct --store or LONGRUNNING_STORE.")];
  }
  if (parsed.kind === "postgres") {
    const { postgresChecks } = await import("./postgres.ts");
    return postgresChecks(parsed, () => openChecks(io, address));
  }
  if (parsed.place === "memory") {
    const message = "in memory: every operation is lost when the process ends";
    return [{ name: "store", status: "warn", message, next: "Use sqlite:FILE for anything but a test." }];
  }
  const { path } = parsed;
  const exists = (await stat(path).catch(() => undefined)) !== undefined;
  const writable = await writableCheck(path, exists);
  const space = await spaceCheck(path);
  if (!exists) {
    const message = `${path} will be made by the first start`;
    return [{ name: "store", status: "ok", message }, writable, space];
  }
  return [...(await openChecks(io, address)), await servedChecks(path, address), writable, space].flat();
}

/** Opens the store as serve does, but without writing. */
async function openChecks(io: Io, address: string): Promise<readonly Check[]> {
  const { listMigrations, openStore } = await import("../../store/open.ts");
  const shown = withoutPassword(address);
  let pending: readonly string[];
  try {
    pending = (await listMigrations(address))
      .filter((each) => each.applyTime === null)
      .map((each) => each.name);
  } catch (error) {
    return [failedCheck("store", error, adviceFor(address))];
  }
  if (pending.length > 0) {
    const next = "They are applied by the next start of serve, or now with: longrunning migrate";
    return [{ name: "migrations", status: "warn", message: `pending: ${pending.join(", ")}`, next }];
  }
  try {
    const store = await openStore(address, { readOnly: true, clock: io.clock, random: io.random });
    let dueCount: number;
    try {
      dueCount = await countDue(store);
    } finally {
      await store.close();
    }
    return [
      { name: "store", status: "ok", message: `${shown} can be read` },
      { name: "migrations", status: "ok", message: "all are applied" },
      dueCheck(dueCount),
    ];
  } catch (error) {
    return [failedCheck("store", error, adviceFor(address))];
  }
}

/** The remedy if the error does not contain one. */
function adviceFor(address: string): string {
  return address.startsWith("sqlite:")
    ? "Restore a backup, or give serve another file with --store."
    : "Read the log of PostgreSQL; docs/deploying.md lists what serve needs.";
}

/** The largest count. */
const DUE_LIMIT = 1_000;

async function countDue(store: Store): Promise<number> {
  const ids = new Set<string>();
  for (const by of ["lease", "deadline"] as const) {
    let after: string | null = null;
    do {
      const page = await store.due({ by, limit: DUE_LIMIT, after });
      for (const id of page.ids) ids.add(id);
      after = page.next;
    } while (after !== null && ids.size < DUE_LIMIT);
  }
  return Math.min(ids.size, DUE_LIMIT);
}

/**
 * Expired leases and passed deadlines that were not handled: usual while no server runs, but
 * strange while one does.
 */
function dueCheck(dueCount: number): Check {
  const name = "overdue";
  if (dueCount === 0)
    return { name, status: "ok", message: "no lease has expired and no deadline has passed" };
  const count = dueCount === DUE_LIMIT ? `${DUE_LIMIT} or more` : String(dueCount);
  const message = `${count} operations wait for the sweep (lease expired or deadline passed)`;
  return {
    name,
    status: "warn",
    message,
    next: "A running server deals with them within seconds; start one.",
  };
}

/** Checks whether a server has the file open, and whether commits are as safe as they must be. */
async function servedChecks(path: string, address: string): Promise<readonly Check[]> {
  const { inspectSqlite } = await import("../../store/sqlite/inspect.ts");
  let found: ReturnType<typeof inspectSqlite>;
  try {
    found = inspectSqlite(path);
  } catch (error) {
    return [
      failedCheck(
        "lock",
        error,
        "Run doctor as the user that serve runs as; where the file is damaged, restore a backup.",
      ),
    ];
  }
  const { sqliteVersion, journalMode, isServed } = found;
  const lock = isServed
    ? `a server has ${withoutPassword(address)} open`
    : "free: no server has the store open";
  // A server sets the rest itself, for each writing connection.
  const message = `SQLite ${sqliteVersion}, journal ${journalMode}, synchronous full`;
  const durability: Check = { name: "durability", status: "ok", message };
  const next =
    "Some file systems cannot do WAL (network file systems above all): put the file on a local disk.";
  const unserved = `${message}; the next start of serve makes it wal`;
  const isWal = journalMode === "wal";
  return [
    { name: "lock", status: "ok", message: lock },
    ...(isWal ? [durability] : []),
    ...(!isWal && isServed ? [{ ...durability, status: "fail" as const, next }] : []),
    ...(!isWal && !isServed ? [{ ...durability, message: unserved }] : []),
  ];
}

async function writableCheck(path: string, exists: boolean): Promise<Check> {
  const place = exists ? path : await nearestFolder(dirname(path));
  try {
    await access(place, constants.R_OK | constants.W_OK);
    if (exists) await access(dirname(path), constants.W_OK);
    return { name: "writable", status: "ok", message: place };
  } catch (error) {
    return failedCheck(
      "writable",
      error,
      `Give the user that serve runs as the right to write ${place} and its folder.`,
    );
  }
}

async function spaceCheck(path: string): Promise<Check> {
  const folder = await nearestFolder(dirname(path));
  const { bavail, bsize } = await statfs(folder);
  const freeBytes = bavail * bsize;
  const message = `${(freeBytes / 1024 ** 3).toFixed(1)} GiB free in ${folder}`;
  if (freeBytes >= FREE_BYTES_WARN) return { name: "disk", status: "ok", message };
  const next = "Free some space, shorten timeToLive, or move the store.";
  return { name: "disk", status: freeBytes < FREE_BYTES_FAIL ? "fail" : "warn", message, next };
}

/** The folder itself, or the nearest existing one above it. */
async function nearestFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found !== undefined || dirname(folder) === folder ? folder : await nearestFolder(dirname(folder));
}
