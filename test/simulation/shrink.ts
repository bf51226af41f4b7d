import { seededRandom } from "../../src/testing/seeded-random.ts";
import { Dice } from "./dice.ts";
import { runHistory } from "./history.ts";
import type { CallerPlan, Plan } from "./plan.ts";

/** Histories that are tried, at most. */
const TRIES_MAX = 2_000;
/** A plan that has lost something has another course: it is tried with so many other chances. */
const CHANCES = 20;

/**
 * The smallest history in which the same goes wrong: leaves out faults, callers and what callers do, one after the other, for as
 * long as the problem stays.
 */
export async function smallest(plan: Plan, problem: string): Promise<Plan> {
  const search = new Search(kindOf(problem));
  let least = plan;
  for (let next: Plan | undefined = plan; next !== undefined; next = await search.firstOf(smallerOf(least)))
    least = next;
  return least;
}

/** Looks for plans in which one kind of thing goes wrong. */
class Search {
  readonly #kind: string;
  #triesLeft = TRIES_MAX;

  constructor(kind: string) {
    this.#kind = kind;
  }

  /** The first plan in which it goes wrong. */
  async firstOf(plans: Iterable<Plan>): Promise<Plan | undefined> {
    for (const plan of plans) {
      for (let chance = 0; chance <= CHANCES && this.#triesLeft > 0; chance++) {
        this.#triesLeft--;
        const candidate = chance === 0 ? plan : anotherChance(plan, chance);
        const { problems } = await runHistory(candidate);
        if (problems.some((found) => kindOf(found) === this.#kind)) return candidate;
      }
    }
    return undefined;
  }
}

/** The same with other chances, and from the third on with other times of what callers do later. */
function anotherChance(plan: Plan, chance: number): Plan {
  if (chance < 3) return { ...plan, chance };
  const dice = new Dice(seededRandom(chance));
  const callers = plan.callers.map((caller) => ({
    ...caller,
    cancelAfterMs: caller.cancelAfterMs === null ? null : dice.from(0, 1_500),
    deleteAfterMs: caller.deleteAfterMs === null ? null : dice.from(0, 1_500),
  }));
  return { ...plan, chance, callers };
}

/** What goes wrong, whatever it goes wrong with. */
export function kindOf(problem: string): string {
  return problem.replace(/^at \d+ ms: /, "").replaceAll(/\d+/g, "N");
}

/** The plan with one thing less, each in turn. */
function* smallerOf(plan: Plan): Generator<Plan> {
  for (const index of plan.faults.keys()) yield { ...plan, faults: plan.faults.toSpliced(index, 1) };
  for (const index of plan.callers.keys()) yield { ...plan, callers: plan.callers.toSpliced(index, 1) };
  for (const [index, caller] of plan.callers.entries())
    for (const simpler of simplerOf(caller)) yield { ...plan, callers: plan.callers.with(index, simpler) };
  const { setting } = plan;
  if (setting.latencyMs > 0) yield { ...plan, setting: { ...setting, latencyMs: 0 } };
  if (setting.rate !== 1) yield { ...plan, setting: { ...setting, rate: 1 } };
}

/** The values that say that nothing is asked for. */
const NOTHING = {
  cancelAfterMs: null,
  deleteAfterMs: null,
  repeatAfterMs: null,
  pollAfterMs: null,
  listAfterMs: null,
  delayMs: 0,
  priority: 0,
  waits: false,
  requestId: null,
} as const satisfies Partial<CallerPlan>;

function* simplerOf(caller: CallerPlan): Generator<CallerPlan> {
  for (const [name, value] of Object.entries(NOTHING))
    if (caller[name as keyof typeof NOTHING] !== value) yield { ...caller, [name]: value };
  if (caller.work.length > 1) yield { ...caller, work: caller.work.slice(0, -1) };
}
