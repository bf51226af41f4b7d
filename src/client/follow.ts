import { StatusError } from "../core/error/error.ts";
import { observe, type Observer, SETTLED_POLICY, SILENCE_MS_MAX } from "./observe.ts";
import type { ClientOperation } from "./operation.ts";
import { pause } from "./pause.ts";
import { type Patience, repeat } from "./repeat.ts";
import type { CallOptions } from "./transport.ts";

/** The remembered facts about a server. */
export interface Offered {
  /** Whether it supports watches, as far as is known. */
  watches: boolean;
}

/**
 * The pause before an ended stream is started again, randomly up to half longer or shorter, because
 * many may have ended together. After a stream that was shorter than the longest pause, the pause
 * doubles.
 */
const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 10_000;

/**
 * The errors of servers without watches. They are only conclusive after the operation has been
 * found.
 */
const UNKNOWN_CALL: ReadonlySet<string> = new Set(["NOT_FOUND", "UNIMPLEMENTED", "INVALID_ARGUMENT"]);

/**
 * Yields the operation now and after each change, until it is done. It watches; if the server does
 * not support or rejects watches, or its streams contain nothing, it observes, and remembers
 * servers without watches.
 */
export async function* follow(
  observer: Observer & { readonly offered: Offered },
  name: string,
  options: CallOptions,
): AsyncGenerator<ClientOperation, void, undefined> {
  const { patience, offered } = observer;
  let how = { ...patience };
  let refusal: StatusError | undefined;
  const again = new Again(patience);
  while (offered.watches) {
    const begin = (): Promise<AsyncIterable<ClientOperation>> =>
      beginStream(observer.transport.watch(name, options));
    const begun = await repeat(how, begin, options.signal).catch(refusalOf);
    if (begun instanceof StatusError) {
      if (NOTHING_TOLD.has(begun)) break;
      // After the first event, an error is final.
      if (how.policy !== patience.policy || patience.policy.codes.has(begun.code)) throw begun;
      refusal = begun;
      break;
    }
    how = { ...patience, policy: SETTLED_POLICY, giveUpMs: SILENCE_MS_MAX };
    again.began();
    try {
      for await (const operation of begun) {
        yield operation;
        if (operation.done) return;
      }
    } catch (error) {
      if (!(error instanceof StatusError) || !SETTLED_POLICY.codes.has(error.code)) throw error;
    }
    await again.pause(options.signal);
  }
  for await (const operation of observe(observer, name, options)) {
    if (refusal !== undefined && UNKNOWN_CALL.has(refusal.code)) offered.watches = false;
    yield operation;
  }
}

/** The pauses before streams are started again. */
export class Again {
  readonly #patience: Pick<Patience, "clock" | "random">;
  #pauseMs = AGAIN_MS;
  #beganAt = 0;

  constructor(patience: Pick<Patience, "clock" | "random">) {
    this.#patience = patience;
  }

  /** Records that a stream has begun. */
  began(): void {
    this.#beganAt = this.#patience.clock.monotonic();
  }

  /** Waits after the end of a stream. @throws the signal's reason as soon as it aborts */
  async pause(signal: AbortSignal | undefined): Promise<void> {
    const { clock, random } = this.#patience;
    await pause(clock, this.#pauseMs * (0.5 + random.fraction()), signal);
    const isShort = clock.monotonic() - this.#beganAt < 2 * AGAIN_MS_MAX;
    this.#pauseMs = isShort ? Math.min(2 * this.#pauseMs, AGAIN_MS_MAX) : AGAIN_MS;
  }
}

/** @throws the error if it is no answer of the server */
function refusalOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  throw error;
}

const NOTHING_TOLD = new WeakSet<StatusError>();

/**
 * A stopping server ends a stream before its first event, and so does an intermediary without
 * support for streams.
 */
function nothingTold(): StatusError {
  const message = "The server ended the watch before it told anything.";
  const error = new StatusError("UNAVAILABLE", message, { reason: "ANSWER_INVALID" });
  NOTHING_TOLD.add(error);
  return error;
}

/**
 * Starts a watch up to its first event, because until then it may be started again. @throws
 * {StatusError} UNAVAILABLE if it has none
 */
export async function beginStream<T>(told: AsyncIterable<T>): Promise<AsyncIterable<T>> {
  const stream = told[Symbol.asyncIterator]();
  const first = await stream.next();
  if (first.done === true) throw nothingTold();
  return (async function* (): AsyncGenerator<T> {
    try {
      for (let each: IteratorResult<T> = first; each.done !== true; each = await stream.next())
        yield each.value;
    } finally {
      await stream.return?.();
    }
  })();
}
