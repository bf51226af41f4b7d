import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../../src/core/ports/random.ts";
import type { Load } from "./load.ts";

/**
 * The number of a method's operations that may run at once for a key, and what happens to further
 * ones.
 */
export interface Limited {
  readonly limit: number;
  readonly when: "queue" | "reject";
}

/** The limited methods. */
export const LIMITED = {
  queueOne: { limit: 1, when: "queue" },
  queueTwo: { limit: 2, when: "queue" },
  rejectOne: { limit: 1, when: "reject" },
  rejectTwo: { limit: 2, when: "reject" },
} as const satisfies Record<string, Limited>;

/** The request of a limited method. */
export interface LimitedStart {
  readonly method: keyof typeof LIMITED;
  readonly key: string;
  readonly parent: string;
  readonly text: string;
  readonly durationMs: number;
  readonly hasId: boolean;
}

/** The callers of limited methods. */
export interface LimitedLoad {
  readonly load: Load;
  readonly random: Random;
  readonly prefix: string;
}

/** Keys of each method. */
const KEYS = ["a", "b"] as const;
/** Short, because several operations must end one after the other within a window. */
const WORK_MS = 60;
/** Bursts that share a parent, and therefore a list. */
const PARENT_SIZE = 10;

/**
 * One caller for each method and key. It starts a burst, and starts nothing more of the key until
 * it has seen the end of all: if a freed place is not passed on, the rest of the burst stays
 * blocked, and no other start helps it.
 */
export function limitedCallers(how: LimitedLoad): readonly Promise<void>[] {
  const methods = Object.keys(LIMITED) as (keyof typeof LIMITED)[];
  return methods.flatMap((method) => KEYS.map((key) => caller(how, method, key)));
}

async function caller(how: LimitedLoad, method: LimitedStart["method"], key: string): Promise<void> {
  const { load, random, prefix } = how;
  const id = `${method}-${key}`;
  const { limit } = LIMITED[method];
  for (let burst = 0; !load.isEnding; burst++) {
    await delay(random.fraction() * 300);
    const parent = `projects/${prefix}/callers/${id}-${Math.floor(burst / PARENT_SIZE)}`;
    const members = Array.from({ length: limit + 2 }, (_, index) =>
      member(how, {
        method,
        key,
        parent,
        text: `${prefix}-${id}-${burst}-${index}`,
        durationMs: Math.round(WORK_MS * (0.5 + random.fraction())),
        hasId: random.fraction() < 0.5,
      }),
    );
    await Promise.all(members);
  }
}

/**
 * Starts one operation of a burst and sees its end, or ends it itself while it runs or still waits
 * for a place.
 */
async function member({ load, random }: LimitedLoad, start: LimitedStart): Promise<void> {
  const name = await load.startLimited(start);
  if (name === undefined) return;
  const choice = random.fraction();
  if (choice > 0.95 && start.hasId) await load.startLimited(start);
  if (choice < 0.2) await delay(random.fraction() * 2 * WORK_MS);
  if (choice < 0.1) await load.again("cancel", name);
  if (choice >= 0.1 && choice < 0.2) return load.delete(name);
  await load.done(name, "wait");
}
