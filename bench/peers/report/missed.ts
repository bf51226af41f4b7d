import { type Check, isReached } from "../../measure.ts";
import { wrapped } from "../../report/text.ts";

/** What was found out about limits that were missed, by what is checked. */
const WHY: Readonly<Record<string, string>> = {
  "rate, times the best peer on PostgreSQL":
    "The processors are busy for three quarters of the time; in the rest, batches wait for one another. Nearly half of the CPU time of an operation is the API process, which answers two HTTP requests for it.",
  "rate, times Restate":
    "The processors are busy for three quarters of the time; in the rest, batches wait for one another. Of the CPU time of an operation, nearly half is the API process, which answers two HTTP requests for it, and a third is PostgreSQL. Restate writes its own log and needs no database.",
  "rate on SQLite, times the best peer":
    "One process does everything. Five eighths of the CPU time of an operation are spent in the thread that answers two HTTP requests for it and runs the handler. Together with the load generator, this keeps both processors busy.",
  "alone: p50, times the best peer":
    "An operation takes three commits in sequence (accepted, claimed, ended), each durable before the next may begin, and two notifications between processes. Redis with `everysec` does not wait for the disk.",
  "alone: p99, times the best peer": "As for p50.",
  "alone: p50, times the best peer on PostgreSQL":
    "An operation takes three commits in sequence (accepted, claimed, ended), each durable before the next may begin, and two notifications between processes.",
  "alone: p99, times the best peer on PostgreSQL": "As for p50.",
  "alone on SQLite: p50, times the best peer":
    "An operation takes two commits in sequence, each made durable. Redis with `everysec` does not wait for the disk.",
  "alone on SQLite: p50, times BullMQ on Redis at everysec":
    "An operation takes two commits in sequence, each made durable. Redis with `everysec` does not wait for the disk.",
  "alone on SQLite: p99, times the best peer": "As for p50.",
  "disk, times the least of the peers that keep results":
    "Each row is written three times, and PostgreSQL keeps the space of the earlier versions for later rows. There are also indexes for lists, filters and expiry, which the queues do not have. Redis rewrites its file without old data.",
  "disk, times the least of the peers on PostgreSQL that keep results":
    "Each row is written three times, and PostgreSQL keeps the space of the earlier versions for later rows. There are also indexes for lists, filters and expiry, which the queues do not have.",
  "CPU, times the least of the peers that keep results":
    "The peer is Redis, which keeps everything in memory; a third of the CPU time of an operation is PostgreSQL.",
  "WAL, times the least of the peers on PostgreSQL that keep results":
    "Each row is written three times, each time with an entry in three or four indexes.",
  "worker over REST: rate, times that of one on the database":
    "An operation costs less CPU time than with a worker on the database, because PostgreSQL has two commits and no claim for it. But 30 % of the two processors are idle: the operations travel in one group, and while PostgreSQL stores it, the API process has little to do. It does nearly two thirds of the work, and is busy for 83 % of the time.",
  "worker over REST, alone: p50, times that of one on the database":
    "An operation takes two commits instead of three, but four HTTP requests instead of two. With one caller, API and worker take 1.9 and 1.8 ms of CPU time for them (1.2 and 0.9 ms with a worker on the database), which is more than two commits take on this disk. With faster processors the ratio was 0.69.",
  "worker over REST: rate, times Restate":
    "As for the worker on the database. All processes together would have to take a third less CPU time.",
  "throughput, times one query each":
    "One Node.js process answers HTTP on one processor. Even when it answers from memory, it serves little more than twice the requests of the other server, so three times is out of reach. It reads the record from the database for each request, because another process may have deleted it.",
  "rate, times that of one":
    "Four workers that run one handler at a time, each with its own claim and its own end, nearly fill both processors. A large part is PostgreSQL notifying every process that listens.",
  "rate in the last tenth, share of that without":
    "Every version of every row stays in the table and in its indexes. Once a second, the queries of the sweep and the claims that search everything scan all of them: after 120 s this took a tenth of a processor, and it grows with each operation. Claims and ends with a hint where to look stay as fast as before.",
};

/** A section on what was missed, and why as far as that is known; nothing where nothing was. */
export function missedOf(checks: readonly Check[]): readonly string[] {
  const missed = checks.filter((check) => !isReached(check));
  if (missed.length === 0) return [];
  const lines = missed.map(({ what }) => wrapped(`- *${what}*: ${WHY[what] ?? "not investigated."}`, "  "));
  return ["## Where a limit was missed, and why\n", `${lines.join("\n")}\n`];
}
