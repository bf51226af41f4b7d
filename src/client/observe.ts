import type { Clock } from "../core/ports/clock.ts";
import { parseDurationMs } from "../core/value/duration.ts";
import { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import type { Random } from "../core/ports/random.ts";
import { retryPolicy, type RetryPolicy } from "../core/method/retry.ts";
import type { ClientOperation } from "./operation.ts";
import { pause } from "./pause.ts";
import { type Patience, repeat } from "./repeat.ts";
import type { Transport } from "./transport.ts";

/** The parts for observing. */
export interface Observer {
  readonly transport: Transport;
  readonly patience: Patience;
}

/** The options for observing an operation. */
export interface ObserveOptions {
  /**
   * The longest duration of one `wait`; undefined for the interval that the operation recommends.
   */
  readonly stepMs?: number;
  /** The longest interval between two answers, whatever the operation recommends. */
  readonly intervalMsMax?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * After the server's first answer, a waiting caller survives a restart of about a minute: the
 * operation is durable, and giving up early has no advantage. Reading again is harmless, so a call
 * without an answer in time is also retried.
 */
export const SETTLED_POLICY: RetryPolicy = retryPolicy({
  attempts: 12,
  initialDelay: "500ms",
  maxDelay: "10s",
  codes: ["UNAVAILABLE", "DEADLINE_EXCEEDED"],
});

/** The longest silence of the server before it gives up. */
export const SILENCE_MS_MAX = 75_000;

/**
 * The errors of `wait` after which the client polls instead: waits are not supported, or the limit
 * of waiters is reached.
 */
const POLL_INSTEAD: ReadonlySet<string> = new Set(["UNIMPLEMENTED", "RESOURCE_EXHAUSTED"]);

/**
 * Yields the current operation repeatedly until it is done. The last one is done.
 *
 * It waits at the server; if the server does not support that, it polls at the interval that the
 * operation recommends, with jitter. `wait` may answer early, even at once (contract section 1.3),
 * so the rest of the interval is always a pause.
 */
export async function* observe(
  observer: Observer,
  name: string,
  { stepMs, intervalMsMax = POLL_MS_MAX, signal }: ObserveOptions,
): AsyncGenerator<ClientOperation, void, undefined> {
  const { transport, patience } = observer;
  const { clock, random } = patience;
  const options = signal === undefined ? {} : { signal };
  let waits = true;
  let policy = patience.policy;
  let intervalMs: number = Math.min(LIMITS.pollIntervalMs, intervalMsMax);
  let giveUpMs: number | undefined;
  for (let first = stepMs === undefined; ; first = false) {
    const startedAt = clock.monotonic();
    const operation = await repeat(
      { clock, random, policy, giveUpMs },
      async () => {
        if (first || !waits) return await transport.get(name, options);
        try {
          return await transport.wait(name, stepMs ?? intervalMs, options);
        } catch (error) {
          if (!(error instanceof StatusError) || !POLL_INSTEAD.has(error.code)) throw error;
          waits = false;
          return await transport.get(name, options);
        }
      },
      signal,
    );
    policy = SETTLED_POLICY;
    giveUpMs = SILENCE_MS_MAX;
    yield operation;
    if (operation.done) return;
    intervalMs = Math.min(pollIntervalMs(operation), intervalMsMax);
    if (!first) await restOfStep({ clock, random }, intervalMs, { startedAt, polling: !waits, signal });
  }
}

async function restOfStep(
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  intervalMs: number,
  step: { readonly startedAt: number; readonly polling: boolean; readonly signal: AbortSignal | undefined },
): Promise<void> {
  // Up to a fifth more or less, so that callers that started together do not keep polling together.
  const wishedMs = step.polling ? intervalMs * (0.8 + 0.4 * random.fraction()) : intervalMs;
  const leftMs = wishedMs - (clock.monotonic() - step.startedAt);
  // Servers and clients round; a wait that returned slightly early counts as complete.
  if (leftMs > intervalMs / 10) await pause(clock, leftMs, step.signal);
}

/** The shortest interval between polls, whatever the operation recommends. */
const POLL_MS_MIN = 50;
/** The longest one, so that a wrong recommendation does not hide the end. */
const POLL_MS_MAX = 60_000;

function pollIntervalMs(operation: ClientOperation): number {
  const told = operation.metadata.pollInterval;
  const ms = typeof told === "string" ? parseDurationMs(told) : undefined;
  return Math.min(Math.max(ms ?? LIMITS.pollIntervalMs, POLL_MS_MIN), POLL_MS_MAX);
}

/** The operations whose metadata has changed since the previous one, and the done one. */
export async function* changes(
  operations: AsyncIterable<ClientOperation>,
): AsyncGenerator<ClientOperation, void, undefined> {
  let before: string | undefined;
  for await (const operation of operations) {
    // The recommended interval is no news about the operation.
    const { pollInterval: _, ...news } = operation.metadata;
    const now = JSON.stringify(news, inOrder);
    if (operation.done || now !== before) yield operation;
    before = now;
  }
}

/** Servers write the members of a Struct in any order. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
