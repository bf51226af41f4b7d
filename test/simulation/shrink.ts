import { seededRandom } from "../../src/testing/seeded-random.ts";
import { Dice } from "./dice.ts";
import { runHistory } from "./history.ts";
import type { CallerPlan, Plan } from "./plan.ts";

/** The limit of histories that are tried. */
const TRIES_MAX = 2_000;
/** A smaller plan has another course, so it is tried with this many other seeds. */
const CHANCES = 20;

/**
 * The smallest history with the same problem: leaves out faults, callers and their actions, one
 * after the other, as long as the problem stays.
 */
export async function smallest(plan: Plan, problem: string): Promise<Plan> {
  const search = new Search(kindOf(problem));
  let least = plan;
  for (let next: Plan | undefined = plan; next !== undefined; next = await search.firstOf(smallerOf(least)))
    least = next;
  return least;
}

/** Searches for plans with one kind of problem. */
class Search {
  readonly #kind: string;
  #triesLeft = TRIES_MAX;

  constructor(kind: string) {
    this.#kind = kind;
  }

  /** The first plan that shows the problem. */
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

/**
 * The same plan with other seeds, and from the third on with other times of the callers' later
 * actions.
 */
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

/** The kind of a problem, without its details. */
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

/** The values that mean "nothing requested". */
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
