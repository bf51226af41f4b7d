import type { Mutant } from "./mutant.ts";

/** Faults of the SQL texts of `src/store/sqlite`. */
export const SQLITE_SQL: readonly Mutant[] = [
  {
    id: "sqlite-claim-past-deadline",
    file: "src/store/sqlite/statements-claim.ts",
    find: "method = ? and priority = ? and (deadline_time is null or deadline_time > ?)",
    replace: "method = ? and priority = ? and (deadline_time is null or deadline_time >= ?)",
    fault: "An operation is claimed in the instant of its deadline.",
  },
  {
    id: "sqlite-turns-skip-delays",
    file: "src/store/sqlite/statements-claim.ts",
    find: "= ? and available_time <= ? and (deadline_time",
    replace: "= ? and ? > 0 and (deadline_time",
    fault: "A tenant's delayed operations are claimed in its turn.",
  },
  {
    id: "sqlite-turns-begin-anew",
    file: "src/store/sqlite/turns.ts",
    find: 'this.#last.set(key, tenants.at(-1) ?? "");',
    replace: "",
    fault: "Tenants whose names come late in the alphabet never have a turn.",
  },
  {
    id: "sqlite-claim-loses-first-start",
    file: "src/store/sqlite/statements-claim.ts",
    find: "start_time = coalesce(start_time, ?)",
    replace: "start_time = ?",
    fault: "The second attempt changes when the operation started.",
  },
  {
    id: "sqlite-commit-may-be-lost",
    file: "src/store/sqlite/statements-session.ts",
    find: '  "pragma synchronous = full"',
    replace: '  "pragma synchronous = normal"',
    fault: "An acknowledged commit is lost when the power fails.",
  },
  {
    id: "sqlite-replace-moves-lease-back",
    file: "src/store/sqlite/statements.ts",
    find: "then coalesce(lease_time, ?) end",
    replace: "then ? end",
    fault: "A request to cancel takes back the renewal of a lease.",
  },
  {
    id: "sqlite-replace-newer-revision",
    file: "src/store/sqlite/statements.ts",
    find: "where id = ? and revision = ? and (? is null",
    replace: "where id = ? and revision >= ? and (? is null",
    fault: "A write replaces a newer one.",
  },
  {
    id: "sqlite-renew-lease-that-has-ended",
    file: "src/store/sqlite/statements.ts",
    find: "  set lease_time = max(lease_time, ?)\n  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ?",
    replace:
      "  set lease_time = max(lease_time, ?)\n  where id = ? and attempt = ? and state = 'RUNNING' and lease_time >= ?",
    fault: "A lease is renewed in the instant in which it has ended.",
  },
  {
    id: "sqlite-report-with-lease-that-has-ended",
    file: "src/store/sqlite/statements.ts",
    find: "metadata = ?, revision = revision + 1\n  where id = ? and attempt = ? and state = 'RUNNING' and lease_time > ?",
    replace:
      "metadata = ?, revision = revision + 1\n  where id = ? and attempt = ? and state = 'RUNNING' and lease_time >= ?",
    fault: "A report is written in the instant in which its lease has ended.",
  },
  {
    id: "sqlite-queue-newest-first",
    file: "src/store/sqlite/statements.ts",
    find: "order by priority desc, available_time, id\n  limit 1`",
    replace: "order by priority desc, available_time desc, id\n  limit 1`",
    fault: "The newest of a queue goes first.",
  },
  {
    id: "sqlite-due-page-skips-equal-deadlines",
    file: "src/store/sqlite/statements.ts",
    find: "(deadline_time, rowid) > (?, ?)",
    replace: "deadline_time > ? and ? is not null",
    fault: "Of operations with one deadline, only those of one page are due.",
  },
  {
    id: "sqlite-due-lease-a-millisecond-late",
    file: "src/store/sqlite/statements.ts",
    find: "select id, start_time, rowid, lease_time <= ?",
    replace: "select id, start_time, rowid, lease_time < ?",
    fault: "A lease is due a millisecond after its end.",
  },
  {
    id: "sqlite-restart-waits-out-leases",
    file: "src/store/sqlite/statements.ts",
    find: "where state = 'RUNNING' and lease_time > :now and worker",
    replace: "where state = 'RUNNING' and lease_time > :now + 60000 and worker",
    fault: "A restart waits until the leases of the process before have passed.",
  },
  {
    id: "sqlite-restart-ends-outliving-leases",
    file: "src/store/sqlite/statements.ts",
    find: " and worker not glob :outliving`",
    replace: " and worker not glob :outliving || 'x'`",
    fault: "A restart ends the leases of workers without the store, which live on.",
  },
  {
    id: "sqlite-finished-hold-places",
    file: "src/store/sqlite/statements.ts",
    find: "where end_time is null and method = ? and parallel_key = ? and blocked = 0",
    replace: "where method = ? and parallel_key = ? and blocked = 0",
    fault: "An operation that has ended holds its place.",
  },
];
