import { seededRandom } from "../../src/testing/seeded-random.ts";
import { Dice } from "./dice.ts";
import { drawFaults, type FaultPlan, type Weather, weatherOf } from "./faults.ts";

/** The behaviour of a handler in one attempt. */
export interface WorkPlan {
  readonly ms: number;
  /** Whether it reports progress once, half way. */
  readonly reports: boolean;
  /**
   * `retry`: an error that is worth another attempt; `refuse`: an error that ends the operation;
   * `throw`: an exception.
   */
  readonly end: "answer" | "retry" | "refuse" | "throw";
  /** Whether it ignores its signal. */
  readonly isDeaf: boolean;
}

/**
 * The actions of one caller with one operation. Times are milliseconds of the world, or counted
 * from the acknowledgement.
 */
export interface CallerPlan {
  readonly index: number;
  readonly at: number;
  /** The process that it calls first; if that does not answer, it tries others. */
  readonly process: number;
  readonly method: string;
  readonly key: string;
  readonly requestId: string | null;
  readonly delayMs: number;
  readonly priority: number;
  /** By attempt number; the last entry is for all later attempts. */
  readonly work: readonly WorkPlan[];
  readonly waits: boolean;
  /** Starts it again elsewhere, with the same request id. */
  readonly repeatAfterMs: number | null;
  readonly pollAfterMs: number | null;
  /** Walks through all pages of the list. */
  readonly listAfterMs: number | null;
  readonly cancelAfterMs: number | null;
  readonly deleteAfterMs: number | null;
  /** Whether the database fails to store it. */
  readonly isPoison: boolean;
}

/** The settings of a whole history. */
export interface Setting {
  /**
   * `shared`: a database on another machine. `embedded`: the SQLite store inside the only process.
   */
  readonly store: "shared" | "embedded";
  readonly processes: number;
  /** The longest time of each way. */
  readonly latencyMs: number;
  /** How long a batch waits for more commands after a full batch. */
  readonly gatherMs: number;
  /** Whether processes send each other hints about changes. */
  readonly tells: boolean;
  /** Whether they take turns at the sweep. */
  readonly takesTurns: boolean;
  readonly leaseMs: number;
  readonly concurrency: number;
  /** The speed of the database's clock. */
  readonly rate: number;
}

/** The plan of a history. All of it is data, so that parts can be left out. */
export interface Plan {
  readonly seed: number;
  /** The seed of the random values during its course, such as the time of each call. */
  readonly chance: number;
  readonly weather: Weather;
  readonly setting: Setting;
  readonly callers: readonly CallerPlan[];
  readonly faults: readonly FaultPlan[];
}

const METHODS = ["work", "work", "brief", "queue", "queue", "pair", "single"] as const;

/** Batches wait in databases at a medium distance. */
const DISTANCES = [
  { latencyMs: 0, gatherMs: 0 },
  { latencyMs: 3, gatherMs: 2 },
  { latencyMs: 20, gatherMs: 0 },
] as const;

/** The share of histories whose store is in the process. */
const EMBEDDED_PART = 0.2;

/** Draws a plan. */
export function planOf(seed: number): Plan {
  const random = seededRandom(seed);
  // Neighbouring seeds give similar first numbers.
  for (let each = 0; each < 4; each++) random.fraction();
  const dice = new Dice(random);
  const isEmbedded = dice.chance(EMBEDDED_PART);
  const weather = weatherOf(dice, isEmbedded);
  const setting: Setting = {
    store: isEmbedded ? "embedded" : "shared",
    processes: isEmbedded ? 1 : dice.from(1, 3),
    ...dice.one(DISTANCES),
    tells: dice.chance(0.8),
    takesTurns: dice.chance(0.7),
    leaseMs: dice.one([1_000, 2_000, 3_000]),
    concurrency: dice.one([1, 2, 3, 16, 16]),
    rate: weather === "calm" || isEmbedded ? 1 : dice.one([1, 1, 0.98, 1.02]),
  };
  const count = dice.from(2, 6);
  const bursts = [0, dice.from(0, 2_000)];
  const callers = Array.from({ length: count }, (_, index) => callerOf(index, dice, { setting, bursts }));
  return {
    seed,
    chance: seed ^ 0x5eed,
    weather,
    setting,
    callers,
    faults: drawFaults(dice, { weather, bursts, ...setting }),
  };
}

/** @param given.bursts instants at which several calls coincide */
function callerOf(
  index: number,
  dice: Dice,
  { setting, bursts }: { readonly setting: Setting; readonly bursts: readonly number[] },
): CallerPlan {
  const method = dice.one(METHODS);
  const hasId = dice.chance(0.4);
  return {
    index,
    at: dice.chance(0.6) ? dice.one(bursts) + (dice.chance(0.5) ? dice.from(0, 50) : 0) : dice.from(0, 3_000),
    process: dice.from(0, setting.processes - 1),
    method,
    key: dice.one(["a", "a", "b"]),
    requestId: hasId ? (dice.chance(0.05) ? `r\0${index}` : `r${dice.chance(0.3) ? 0 : index}`) : null,
    delayMs: dice.chance(0.2) ? dice.from(1, 1_500) : 0,
    priority: dice.chance(0.2) ? dice.from(0, 9) : 0,
    work: Array.from({ length: 3 }, () => workOf(dice)),
    waits: dice.chance(0.7),
    repeatAfterMs: hasId && dice.chance(0.4) ? dice.from(0, 2_000) : null,
    pollAfterMs: dice.chance(0.3) ? dice.from(0, 2_500) : null,
    cancelAfterMs: dice.chance(0.2) ? dice.from(0, 1_500) : null,
    deleteAfterMs: dice.chance(0.12) ? dice.from(0, 2_000) : null,
    isPoison: dice.chance(0.02),
    listAfterMs: dice.chance(0.12) ? dice.from(0, 2_500) : null,
  };
}

function workOf(dice: Dice): WorkPlan {
  return {
    ms: dice.chance(0.3) ? 0 : dice.from(1, dice.chance(0.4) ? 3_000 : 500),
    reports: dice.chance(0.4),
    end: dice.chance(0.75) ? "answer" : dice.one(["retry", "refuse", "throw"]),
    isDeaf: dice.chance(0.2),
  };
}
