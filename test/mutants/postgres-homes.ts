import type { Mutant } from "./mutant.ts";

/** Faults of the messages between processes on one PostgreSQL, and of their receivers. */
export const POSTGRES_HOMES: readonly Mutant[] = [
  {
    id: "homes-owner-that-does-not-run-it",
    file: "src/store/postgres/homes.ts",
    find: "return this.#order(shard).find(runs(method))?.name;",
    replace: "return method === undefined ? undefined : this.#order(shard)[0]?.name;",
    fault: "Work is announced to a process that does not run its method.",
  },
  {
    id: "homes-origin-of-nobody",
    file: "src/store/postgres/notices.ts",
    find: "addTo(forEnds, hasOrigin(origin) ? origin : undefined, told);",
    replace: "addTo(forEnds, hasOrigin(origin) || origin > 0 ? origin : undefined, told);",
    fault: "The end of an operation whose process has ended is announced to no process.",
  },
  {
    id: "homes-waiter-elsewhere-not-told",
    file: "src/store/postgres/channel.ts",
    find: "await this.#listenTo?.(this.#originName(origin)).catch(() => {});",
    replace: "await Promise.resolve(this.#originName(origin));",
    fault: "A waiter does not learn of the end of another process's operation.",
  },
  {
    id: "homes-hint-goes-round-for-ever",
    file: "src/store/postgres/hand-on.ts",
    find: "work.left = Math.max(work.left, left - 1);",
    replace: "work.left = Math.max(work.left, left);",
    fault: "A hint for which no process has room is passed around for ever.",
  },
  {
    id: "homes-dead-live-on",
    file: "src/store/postgres/statements-home.ts",
    find: "where name <> $2 and seen_time > ${NOW} - $3::bigint`",
    replace: "where name <> $2 and seen_time > 0 * (${NOW} - $3::bigint)`",
    fault: "Work is announced to a killed process for as long as its row exists.",
  },
  {
    id: "homes-everybody-sweeps",
    file: "src/store/postgres/hints.ts",
    find: "% known.count() === place;",
    replace: "% known.count() >= 0;",
    fault: "All processes sweep in the same second.",
  },
  {
    id: "homes-work-of-the-killed-not-looked-for",
    file: "src/store/postgres/hints.ts",
    find: "availableTime > now || availableTime < now - LATE_MS",
    replace: "availableTime > now || availableTime < 0 * LATE_MS",
    fault: "Work that was announced to a killed process waits until something else wakes a claim.",
  },
  {
    id: "looks-rows-of-another",
    file: "src/store/postgres/looks.ts",
    find: "return looks.map((_, index) => rowsOf(row[index]));",
    replace: "return looks.map((_, index) => rowsOf(row[looks.length - 1 - index]));",
    fault: "Looks of one statement get each other's rows.",
  },
  {
    id: "homes-two-wait-for-more",
    file: "src/store/postgres/homes.ts",
    find: "Math.ceil(this.#homes.length / 2) - 1",
    replace: "Math.ceil(this.#homes.length / 2)",
    fault: "With one calling process and one worker, commands wait for others.",
  },
  {
    id: "citus-look-tells-no-shard",
    file: "src/store/postgres/hints.ts",
    find: "shard === undefined ? [] : [Number(shard)]",
    replace: "shard === undefined ? [Number(shard)] : []",
    fault: "A claim searches again for work that a read over all shards has found.",
  },
];
