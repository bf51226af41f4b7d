import { type Check, isReached } from "../../measure.ts";

/** What was found out about limits that were missed, by what is checked. */
const WHY: Readonly<Record<string, string>> = {
  "rate, times the best peer on PostgreSQL":
    "The processors are busy for three quarters of the time, and batches wait for one another in the rest: of the CPU of an operation, nearly half is the API process, which answers two HTTP requests for it.",
  "rate, times Restate":
    "The processors are busy for three quarters of the time, and batches wait for one another in the rest: of the CPU of an operation, nearly half is the API process, which answers two HTTP requests for it, and a third PostgreSQL. Restate keeps its log by itself and has no database to talk to.",
  "rate on SQLite, times the best peer":
    "One process does everything: of the CPU of an operation, five eighths are the thread that answers two HTTP requests for it and runs the handler. With the load generator beside it both processors are busy.",
  "alone: p50, times the best peer":
    "An operation is three commits in a row (accepted, claimed, ended), each made durable before the next may begin, and two notices between processes. Redis with `everysec` waits for no disk at all.",
  "alone: p99, times the best peer": "As with p50.",
  "alone: p50, times the best peer on PostgreSQL":
    "An operation is three commits in a row (accepted, claimed, ended), each made durable before the next may begin, and two notices between processes.",
  "alone: p99, times the best peer on PostgreSQL": "As with p50.",
  "alone on SQLite: p50, times the best peer":
    "An operation is two commits in a row, each made durable. Redis with `everysec` waits for no disk at all.",
  "alone on SQLite: p50, times BullMQ on Redis at everysec":
    "An operation is two commits in a row, each made durable. Redis with `everysec` waits for no disk at all.",
  "alone on SQLite: p99, times the best peer": "As with p50.",
  "disk, times the least of those that keep":
    "A row is written three times, and PostgreSQL keeps the earlier versions' room for later rows; there are indexes for lists, filters and expiry, which the queues do not have. Redis writes its file anew, without what is past.",
  "disk, times the least of those on PostgreSQL that keep":
    "A row is written three times, and PostgreSQL keeps the earlier versions' room for later rows; there are indexes for lists, filters and expiry, which the queues do not have.",
  "CPU, times the least of those that keep":
    "Against Redis, which keeps everything in memory: a third of the CPU of an operation is PostgreSQL.",
  "WAL, times the least of those on PostgreSQL that keep":
    "A row is written three times, with an entry in three or four indexes each time.",
  "throughput, times one query each":
    "One Node.js process answers HTTP on one processor, and does little more than twice as much as the other server when it answers from memory: that leaves no room for three times. A record is read from the database each time, since another process may have deleted it.",
  "rate, times that of one":
    "Four workers that run one handler at a time, each with a claim and an end of its own, nearly fill both processors: a good part is PostgreSQL waking all who listen.",
  "rate in the last tenth, share of that without":
    "Every version of every row stays, in the table and in its indexes. The looks of the sweep and the claims that look at everything go past all of them once a second: after 120 s they took a tenth of a processor, and it grows with each operation. Claims and ends that are told where to look stay as fast as they were.",
};

/** A section on what was missed, and why as far as that is known; nothing where nothing was. */
export function missedOf(checks: readonly Check[]): readonly string[] {
  const missed = checks.filter((check) => !isReached(check));
  if (missed.length === 0) return [];
  const lines = missed.map(({ what }) => `- *${what}*: ${WHY[what] ?? "not looked into."}`);
  return ["## Where a limit was missed, and why\n", `${lines.join("\n")}\n`];
}
