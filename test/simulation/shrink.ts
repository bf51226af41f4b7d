import { runHistory } from "./history.ts";
import type { CallerPlan, Plan } from "./plan.ts";

/** Histories that are tried, at most. */
const TRIES_MAX = 400;

/**
 * The smallest history in which the same goes wrong: leaves out faults, callers and what callers do, one after the other, for as
 * long as the problem stays.
 */
export async function smallest(plan: Plan, problem: string): Promise<Plan> {
  const kind = kindOf(problem);
  let tries = 0;
  let least = plan;
  for (let isSmaller = true; isSmaller && tries < TRIES_MAX; ) {
    isSmaller = false;
    for (let step = 0; tries < TRIES_MAX; ) {
      const candidate = [...smallerOf(least)][step];
      if (candidate === undefined) break;
      tries++;
      const { problems } = await runHistory(candidate);
      if (problems.some((each) => kindOf(each) === kind)) {
        least = candidate;
        isSmaller = true;
      } else step++;
    }
  }
  return least;
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
