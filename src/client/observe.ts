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

/** What watching needs from outside. */
export interface Observer {
  readonly transport: Transport;
  readonly patience: Patience;
}

/** How an operation is watched. */
export interface ObserveOptions {
  /** One `wait` lasts this long at most; undefined for the interval that the operation itself recommends. */
  readonly stepMs?: number;
  /** No interval between two answers is longer, whatever the operation recommends. */
  readonly intervalMsMax?: number | undefined;
  readonly signal?: AbortSignal;
}

/**
 * Once the server has answered, a waiting caller sits out a restart of about a minute: the operation is durable, and
 * giving up early would gain nobody anything. Looking again is harmless, so that a call that was not answered in time is
 * made again too.
 */
export const SETTLED_POLICY: RetryPolicy = retryPolicy({
  attempts: 12,
  initialDelay: "500ms",
  maxDelay: "10s",
  codes: ["UNAVAILABLE", "DEADLINE_EXCEEDED"],
});

/** It gives up when the server has been silent for so long. */
export const SILENCE_MS_MAX = 75_000;

/** The answers to `wait` after which a client polls instead: not offered, or no room for one more who waits. */
const POLL_INSTEAD: ReadonlySet<string> = new Set(["UNIMPLEMENTED", "RESOURCE_EXHAUSTED"]);

/**
 * Gives the operation again and again until it is done, each time as new as the server has it. The last one is done.
 *
 * It waits at the server; where the server does not offer that, it polls as often as the operation recommends, with
 * jitter. `wait` may answer early, even at once (contract section 1.3), so what is left of the step is always paused.
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
  // A fifth more or less, so that callers who started together do not ask together for ever.
  const wishedMs = step.polling ? intervalMs * (0.8 + 0.4 * random.fraction()) : intervalMs;
  const leftMs = wishedMs - (clock.monotonic() - step.startedAt);
  // Servers and clients round; a wait that came back a little early has been a whole one.
  if (leftMs > intervalMs / 10) await pause(clock, leftMs, step.signal);
}

/** No operation is asked for more often than this, whatever it recommends. */
const POLL_MS_MIN = 50;
/** Nor less often, so that a strange recommendation does not hide the end. */
const POLL_MS_MAX = 60_000;

function pollIntervalMs(operation: ClientOperation): number {
  const told = operation.metadata.pollInterval;
  const ms = typeof told === "string" ? parseDurationMs(told) : undefined;
  return Math.min(Math.max(ms ?? LIMITS.pollIntervalMs, POLL_MS_MIN), POLL_MS_MAX);
}

/** The operations that differ from the one before in metadata, and the one that is done. */
export async function* changes(
  operations: AsyncIterable<ClientOperation>,
): AsyncGenerator<ClientOperation, void, undefined> {
  let before: string | undefined;
  for await (const operation of operations) {
    // How often to ask is advice to the client and no news.
    const { pollInterval: _, ...news } = operation.metadata;
    const now = JSON.stringify(news, inOrder);
    if (operation.done || now !== before) yield operation;
    before = now;
  }
}

/** Peers write the members of a Struct in any order. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
