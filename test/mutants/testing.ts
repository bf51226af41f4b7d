import type { Mutant } from "./mutant.ts";

/** Faults of `src/testing`. */
export const TESTING: readonly Mutant[] = [
  {
    id: "cancelled-timer-fires",
    file: "src/testing/manual-clock.ts",
    find: "this.#appointments[place] === appointment",
    replace: "this.#appointments[place] !== appointment",
    fault: "A timer that was cancelled fires.",
  },
  {
    id: "due-at-the-end-waits",
    file: "src/testing/manual-clock.ts",
    find: "due.at > end",
    replace: "due.at >= end",
    fault: "A timer that is due exactly then does not fire.",
  },
  {
    id: "same-instant-in-any-order",
    file: "src/testing/manual-clock.ts",
    find: "each.at - at || each.order - order",
    replace: "each.at - at || order - each.order",
    fault: "Timers of one instant fire in the wrong order.",
  },
  {
    id: "wall-moves-monotonic",
    file: "src/testing/manual-clock.ts",
    find: "this.#wallOffsetMs = nowMs - this.#monotonicMs;",
    replace: "this.#wallOffsetMs = nowMs;",
    fault: "A wall clock that is set after time has passed shows another time.",
  },
  {
    id: "clock-forgets-end",
    file: "src/testing/manual-clock.ts",
    find: "    this.#monotonicMs = end;\n",
    replace: "",
    fault: "Time without timers does not pass.",
  },
  {
    id: "negative-delay-in-past",
    file: "src/testing/manual-clock.ts",
    find: "Math.max(delayMs, 0)",
    replace: "Math.min(delayMs, 0)",
    fault: "Every timer fires at once.",
  },
  {
    id: "seed-is-ignored",
    file: "src/testing/seeded-random.ts",
    find: "let state = seed >>> 0;",
    replace: "let state = (seed >>> 0) & 0;",
    fault: "Every seed gives the same numbers.",
  },
  {
    id: "fraction-reaches-one",
    file: "src/testing/seeded-random.ts",
    find: "word() / 2 ** 32",
    replace: "word() / 2 ** 31",
    fault: "A random fraction is above 1 half of the time.",
  },
  {
    id: "test-server-drains",
    file: "src/testing/test-server.ts",
    find: '    drain: "0s",\n',
    replace: "",
    fault: "A test whose handler hangs waits ten seconds at its end.",
  },
  {
    id: "test-server-on-a-fixed-port",
    file: "src/testing/test-server.ts",
    find: "    port: 0,\n",
    replace: "",
    fault: "Two test servers at once fight for port 8080.",
  },
  {
    id: "one-left-behind-passes",
    file: "src/testing/left-behind.ts",
    find: ".filter(([, count]) => count !== 0)",
    replace: ".filter(([, count]) => count > 1)",
    fault: "A test that leaves a single listener behind passes.",
  },
  {
    id: "listener-taken-off-twice",
    file: "src/testing/left-behind.ts",
    find: "if (isOn) count--;",
    replace: "count -= isOn ? 1 : 1;",
    fault: "A listener that is taken off twice hides another that stays.",
  },
];
