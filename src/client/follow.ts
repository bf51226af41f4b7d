import { StatusError } from "../core/error/error.ts";
import { observe, type Observer, SETTLED_POLICY, SILENCE_MS_MAX } from "./observe.ts";
import type { ClientOperation } from "./operation.ts";
import { pause } from "./pause.ts";
import { type Patience, repeat } from "./repeat.ts";
import type { CallOptions } from "./transport.ts";

/** What is remembered of a server. */
export interface Offered {
  /** Whether it offers watches, as far as is known. */
  watches: boolean;
}

/**
 * A stream that ended is begun again after this, half as much more or less: many may have ended together. After one that was
 * shorter than the longest pause it is twice as long each time.
 */
const AGAIN_MS = 1_000;
const AGAIN_MS_MAX = 10_000;

/** What servers that know no watches answer. Nothing is concluded from it before the operation has been found. */
const UNKNOWN_CALL: ReadonlySet<string> = new Set(["NOT_FOUND", "UNIMPLEMENTED", "INVALID_ARGUMENT"]);

/**
 * Gives the operation now and each time that it has changed, until it is done. It watches; where the server does not offer that,
 * or refuses it, or its streams tell nothing, it observes, and remembers which servers do not.
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
      // Once something was told, a refusal is final.
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

/** The pauses before streams are begun again. */
export class Again {
  readonly #patience: Pick<Patience, "clock" | "random">;
  #pauseMs = AGAIN_MS;
  #beganAt = 0;

  constructor(patience: Pick<Patience, "clock" | "random">) {
    this.#patience = patience;
  }

  /** A stream has told something. */
  began(): void {
    this.#beganAt = this.#patience.clock.monotonic();
  }

  /** It is over. @throws the signal's reason as soon as it aborts */
  async pause(signal: AbortSignal | undefined): Promise<void> {
    const { clock, random } = this.#patience;
    await pause(clock, this.#pauseMs * (0.5 + random.fraction()), signal);
    const isShort = clock.monotonic() - this.#beganAt < 2 * AGAIN_MS_MAX;
    this.#pauseMs = isShort ? Math.min(2 * this.#pauseMs, AGAIN_MS_MAX) : AGAIN_MS;
  }
}

/** @throws what is no answer of the server's */
function refusalOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  throw error;
}

const NOTHING_TOLD = new WeakSet<StatusError>();

/** A server that stops ends a stream before it has told anything, and so does what stands between and knows no streams. */
function nothingTold(): StatusError {
  const message = "The server ended the watch before it told anything.";
  const error = new StatusError("UNAVAILABLE", message, { reason: "ANSWER_INVALID" });
  NOTHING_TOLD.add(error);
  return error;
}

/** Begins a watch, as far as what it tells first: until then it may be begun again. @throws {StatusError} UNAVAILABLE for nothing */
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
