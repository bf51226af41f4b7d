import {
  type AttemptAborted,
  type Context,
  defineMethod,
  type MethodOptions,
} from "../core/method/method.ts";
import type { LeaseKeeper, LeaseNotice } from "../core/ports/lease-keeper.ts";
import { z } from "zod";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker, type TestWorker } from "./test-worker.suite.ts";

/** Handlers that a test controls, for events during a call of their attempt. */

const request = z.object({});

/** Handlers that do what the test says, and record why and when each was aborted. */
export function steered(options: Partial<MethodOptions<typeof request, undefined, undefined>> = {}) {
  const contexts: Context<Record<string, unknown>>[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const whys: string[] = [];
  const run = (_: unknown, context: Context<Record<string, unknown>>): Promise<void> => {
    const { signal, attempt } = context;
    signal.addEventListener("abort", () => whys.push(`${attempt} ${(signal.reason as AttemptAborted).why}`));
    contexts.push(context);
    const gate = Promise.withResolvers<void>();
    gates.push(gate);
    return gate.promise;
  };
  return { contexts, gates, whys, method: defineMethod({ name: "steered", request, ...options, run }) };
}

type Steered = ReturnType<typeof steered>;

/** A worker whose first attempt runs. */
export async function began(
  { method }: Pick<Steered, "method">,
  prepare: (opened: TestWorker) => void = () => {},
) {
  const opened = await openTestWorker([method]);
  prepare(opened);
  opened.worker.start();
  const operation = await opened.start(method);
  await opened.events.until("attempt.began");
  await settled();
  return { ...opened, operation };
}

/** A keeper that renews nothing, and sends the notices of the test. */
export function deadKeeper(listeners: ((notice: LeaseNotice) => void)[] = []): LeaseKeeper {
  return {
    keep: () => {},
    letGo: () => {},
    renewedAt: () => undefined,
    watch: (listener) => (listeners.push(listener), () => {}),
  };
}

export function withoutRenewals({ attempts }: TestWorker): void {
  Object.assign(attempts, { keeper: deadKeeper() });
}

/** Drops all hints except those of pending work. */
export function withoutHints({ attempts }: TestWorker): void {
  const { watch } = attempts;
  attempts.watch = (listener) =>
    watch((changes) => listener(changes.filter(({ state }) => state === "PENDING")));
}
