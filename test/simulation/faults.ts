import type { Dice } from "./dice.ts";

/**
 * One fault. `call` counts the calls of a process to the database, so that a fault can hit the
 * process at any of its awaits.
 */
export type FaultPlan =
  | {
      /**
       * `refuse`: UNAVAILABLE at once. `lose-request`: nothing is committed, and no answer comes.
       * `lose-answer`: the transaction is committed, and no answer comes. `slow`: both ways take
       * long.
       */
      readonly kind: "refuse" | "lose-request" | "lose-answer" | "slow";
      readonly process: number;
      readonly call: number;
      readonly ms: number;
    }
  /**
   * The process dies with a call that was not sent, or was sent, or whose answer is on its way;
   * another process follows after `ms`.
   */
  | {
      readonly kind: "die";
      readonly process: number;
      readonly call: number;
      readonly when: "unsent" | "sent" | "committed";
      readonly ms: number;
    }
  | { readonly kind: "freeze"; readonly process: number; readonly call: number; readonly ms: number }
  /** The process stops regularly, with a drain of `ms`; another process follows. */
  | { readonly kind: "stop"; readonly process: number; readonly at: number; readonly ms: number }
  /** The database cannot be reached. */
  | { readonly kind: "outage"; readonly at: number; readonly ms: number }
  /** Notices for a process are lost, or come up to `byMs` late, each by a different part of it. */
  | { readonly kind: "deafness"; readonly process: number; readonly at: number; readonly ms: number }
  | {
      readonly kind: "late-notices";
      readonly process: number;
      readonly at: number;
      readonly ms: number;
      readonly byMs: number;
    }
  /** The wall clock of a process, or the clock of the database, is set. */
  | { readonly kind: "wall"; readonly process: number; readonly at: number; readonly byMs: number }
  | { readonly kind: "clock"; readonly at: number; readonly byMs: number }
  /** An open transaction of another client holds the lock of a key. */
  | { readonly kind: "lock"; readonly key: string; readonly at: number; readonly ms: number };

/**
 * The kinds of faults that a history may have. In `calm` and `locked` histories all callers are
 * answered soon, which is checked.
 */
export type Weather = "calm" | "locked" | "mixed";

/** Most histories are mixed. */
export function weatherOf(dice: Dice, isEmbedded: boolean): Weather {
  if (dice.chance(0.15)) return "calm";
  return !isEmbedded && dice.chance(0.08) ? "locked" : "mixed";
}

type Kind = FaultPlan["kind"];
/** All kinds. */
export const KINDS: readonly Kind[] = [
  "refuse",
  "lose-request",
  "lose-answer",
  "slow",
  "die",
  "freeze",
  "stop",
  "outage",
  "deafness",
  "late-notices",
  "wall",
  "clock",
  "lock",
];

/** The targets of faults. */
interface Occasion {
  readonly weather: Weather;
  /** Instants at which several calls coincide. */
  readonly bursts: readonly number[];
  readonly store: "shared" | "embedded";
  readonly processes: number;
}

/** The faults of a store in the process. */
const EMBEDDED_KINDS: readonly Kind[] = ["refuse", "slow", "die", "freeze", "stop", "wall", "wall", "wall"];

/** A history has few kinds of faults, because many at once hide each other. */
export function drawFaults(
  dice: Dice,
  { weather, bursts, processes, store }: Occasion,
): readonly FaultPlan[] {
  if (weather === "calm") return [];
  if (weather === "locked") return [lock(dice, dice.one(bursts)), lock(dice, dice.from(0, 2_000))];
  const kinds = Array.from({ length: dice.from(1, 3) }, () =>
    dice.one(store === "embedded" ? EMBEDDED_KINDS : KINDS),
  );
  return Array.from({ length: dice.from(1, 6) }, () => faultOf(dice.one(kinds), dice, processes));
}

const AT_MAX = 4_000;
const CALL_MAX = 40;

function lock(dice: Dice, at: number): FaultPlan {
  return { kind: "lock", key: dice.one(["a", "a", "b"]), at, ms: dice.from(300, 2_500) };
}

function faultOf(kind: Kind, dice: Dice, processes: number): FaultPlan {
  const process = dice.from(0, processes - 1);
  const call = dice.from(0, dice.chance(0.5) ? CALL_MAX / 4 : CALL_MAX);
  const at = dice.from(0, AT_MAX);
  const ms = dice.from(10, dice.chance(0.3) ? 5_000 : 800);
  switch (kind) {
    case "refuse":
    case "lose-request":
    case "lose-answer":
    case "slow":
      return { kind, process, call, ms: Math.min(ms, 1_500) };
    case "die":
      return { kind, process, call, when: dice.one(["unsent", "sent", "committed"]), ms };
    case "freeze":
      return { kind, process, call, ms: dice.from(50, 6_000) };
    case "stop":
    case "deafness":
      return { kind, process, at, ms };
    case "outage":
      return { kind, at, ms: Math.min(ms, 3_000) };
    case "late-notices":
      return { kind, process, at, ms, byMs: dice.from(1, 1_500) };
    case "wall":
      return { kind, process, at, byMs: dice.one([-3_600_000, -5_000, 700, 3_600_000]) };
    case "clock":
      return { kind, at, byMs: dice.one([50, 800, 4_000, 60_000]) };
    case "lock":
      return lock(dice, at);
  }
}
