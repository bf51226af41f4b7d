import type { Mutant } from "./mutant.ts";

/** Faults of statistics and pauses in `src/engine`. */
export const ENGINE_STATISTICS: readonly Mutant[] = [
  {
    id: "tally-tells-of-rest",
    file: "src/engine/statistics/tally.ts",
    find: "      if (tally.isEmpty) continue;\n",
    replace: "",
    fault: "A method of which nothing happened is written anew every ten seconds.",
  },
  {
    id: "tally-retries-what-ended",
    file: "src/engine/statistics/tally.ts",
    find: 'if (ended === "failed" && !isDone(next)) tally.retried++;',
    replace: 'if (ended === "failed") tally.retried++;',
    fault: "The last failure of an operation counts as a retried failure.",
  },
  {
    id: "tally-kinds-without-a-bound",
    file: "src/engine/statistics/tally.ts",
    find: "this.#kinds.size < LIMITS.failureKindsMax",
    replace: "this.#kinds.size >= 0",
    fault: "Failures that are all different fill the memory and the store.",
  },
  {
    id: "report-at-every-beat",
    file: "src/engine/statistics/reporting.ts",
    find: "now - this.#toldTime < LIMITS.reportIdleMs",
    replace: "now < this.#toldTime",
    fault: "An idle process writes every ten seconds.",
  },
  {
    id: "report-not-at-stop",
    file: "src/engine/statistics/reporting.ts",
    find: "    await this.#underWay;\n    await this.#report(true);",
    replace: "    await this.#underWay;",
    fault: "The last counts are lost when a process is stopped.",
  },
  {
    id: "live-counts-for-each-who-asks",
    file: "src/engine/statistics/live-counts.ts",
    find: "freshMs: LIMITS.countsIntervalMs",
    replace: "freshMs: 0",
    fault: "Twenty open pages cost the store twenty times what one does.",
  },
  {
    id: "pause-ended-by-an-old-look",
    file: "src/engine/pauses.ts",
    find: "if (changes === this.#changes)",
    replace: "if (changes <= this.#changes)",
    fault:
      "A method that was just paused continues, because a read from before the pause says that it is not paused.",
  },
  {
    id: "reason-taken-raw",
    file: "src/core/fingerprint.ts",
    find: "firstLine(storable(reasonOf(error.details)), LIMITS.failureTextMax)",
    replace: "reasonOf(error.details)",
    fault: "A reason that a handler made up is kept at any length, and PostgreSQL refuses some.",
  },
  {
    id: "refused-row-holds-up-others",
    file: "src/store/statistics/reports.ts",
    find: "if (error instanceof InvariantError)\n        return",
    replace: "if (error === undefined)\n        return",
    fault: "One row that the store can never keep keeps all reports of the process away.",
  },
  {
    id: "left-rows-are-lost",
    file: "src/store/statistics/reports.ts",
    find: "const left = writes.slice(index);",
    replace: "const left = writes.slice(index + 1);",
    fault: "The row at which the store became unavailable is never counted.",
  },
];
