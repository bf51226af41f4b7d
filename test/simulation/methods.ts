import { StatusError } from "../../src/core/error/error.ts";
import { type Context, defineMethod, type Method } from "../../src/core/method/method.ts";
import type { Schema } from "../../src/core/method/schema.ts";
import type { CallerPlan } from "./plan.ts";
import { POISONED } from "./statements.ts";

/** The request of a start. */
export interface Request {
  readonly op: number;
  readonly key: string;
  readonly isPoison: boolean;
}

const ANYTHING: Schema = {
  "~standard": { version: 1, vendor: "simulation", validate: (value) => ({ value }) },
};

const shared = {
  request: ANYTHING,
  response: ANYTHING,
  retry: { attempts: 3, initialDelay: "100ms", maxDelay: "400ms" },
  timeToLive: { default: "1h" },
  target: (request: unknown) => ((request as Request).isPoison ? POISONED : ""),
  run: () => ({}),
} as const;

const key = (request: unknown): string => (request as Request).key;

const DECLARED = [
  defineMethod({ ...shared, name: "work" }),
  defineMethod({
    ...shared,
    name: "brief",
    deadline: "3s",
    timeToLive: { default: "2s" },
    retry: { attempts: 2, initialDelay: "50ms" },
  }),
  defineMethod({
    ...shared,
    name: "queue",
    retry: { attempts: 1 },
    parallel: { key, limit: 1, when: "queue" },
  }),
  defineMethod({
    ...shared,
    name: "pair",
    parallel: { key, limit: 2, when: "queue" },
    timeToLive: { default: "1s" },
  }),
  defineMethod({ ...shared, name: "single", parallel: { key, limit: 1, when: "reject" } }),
] as unknown as readonly Method[];

/** The limit of operations of a method and key that run at once. */
export const LIMIT_OF: Readonly<Record<string, number | undefined>> = { queue: 1, pair: 2, single: 1 };

/** The methods, with the handlers of one process. */
export function methodsWith(run: Method["run"]): ReadonlyMap<string, Method> {
  return new Map(DECLARED.map((method) => [method.name, { ...method, run }]));
}

/** Carries out the plan of an attempt. @param sleep of the process */
export async function runPlanned(
  { index, work }: Pick<CallerPlan, "index" | "work">,
  { attempt, signal, report }: Context,
  sleep: (ms: number) => Promise<void>,
): Promise<unknown> {
  const plan = work[Math.min(attempt, work.length) - 1];
  if (plan === undefined) return { op: index, attempt };
  const rest = plan.isDeaf ? sleep : (ms: number) => interruptible(sleep(ms), signal);
  if (plan.reports) {
    await rest(Math.floor(plan.ms / 2));
    report({ attempt });
  }
  await rest(plan.reports ? Math.ceil(plan.ms / 2) : plan.ms);
  const message = `attempt ${attempt} of ${index}`;
  if (plan.end === "retry") throw new StatusError("UNAVAILABLE", message);
  if (plan.end === "refuse") throw new StatusError("FAILED_PRECONDITION", message);
  if (plan.end === "throw") throw new Error(message);
  return { op: index, attempt };
}

function interruptible(rest: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    if (signal.aborted) return abort();
    signal.addEventListener("abort", abort, { once: true });
    void rest.then(resolve);
  });
}
