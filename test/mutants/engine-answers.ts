import type { Mutant } from "./mutant.ts";

/** Faults of the limit for a call as a whole, in `src/engine`. */
export const ENGINE_ANSWERS: readonly Mutant[] = [
  {
    id: "late-call-never-answered",
    file: "src/engine/timely-answers.ts",
    find: "      this.#timer = this.#arm();\n      const now",
    replace: "      const now",
    fault: "Late calls are looked for once, and a call that was not late by then waits for ever.",
  },
  {
    id: "late-call-before-its-answer-is-read",
    file: "src/engine/timely-answers.ts",
    find: "if (!wasDue || now < call.until) continue;",
    replace: "if (now < call.until) continue;",
    fault: "A process that stood still refuses calls whose answers have arrived.",
  },
  {
    id: "cancellation-limited-in-parts",
    file: "src/engine/use-cases.ts",
    find: "return this.timely.of(this.#cancel(name));",
    replace: "return this.#cancel(name);",
    fault: "A cancellation waits for its read and then for its write, each up to its own limit.",
  },
  {
    id: "wait-late-by-a-whole-limit",
    file: "src/engine/use-cases.ts",
    find: "LIMITS.answerMsMax + lateMs",
    replace: "LIMITS.answerMsMax",
    fault: "The last read of a wait has as much time as any, however late the read begins.",
  },
  {
    id: "late-watch-keeps-its-seat",
    file: "src/engine/operations.ts",
    find: "({ watch }) => watch.leave(),",
    replace: "() => {},",
    fault: "A watch that began after its caller's error takes a place for ever.",
  },
  {
    id: "late-calls-timer-stays",
    file: "src/engine/timely-answers.ts",
    find: "    this.#timer?.cancel();\n    this.#timer = undefined;\n",
    replace: "    this.#timer = undefined;\n",
    fault: "An idle server is woken four times a second after its first call.",
  },
  {
    id: "late-calls-timer-outlives-stop",
    file: "src/engine/timely-answers.ts",
    find: "      if (!this.#isStopped) this.#timer ??= this.#arm();\n",
    replace: "      this.#timer ??= this.#arm();\n",
    fault: "A call during a stop sets a timer that nobody cancels.",
  },
];
