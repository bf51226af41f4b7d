import { StatusError } from "../core/error/error.ts";
import { retryPolicy } from "../core/method/retry.ts";
import { observe, type Observer } from "./observe.ts";
import type { ClientOperation } from "./operation.ts";
import { pause } from "./pause.ts";
import { repeat } from "./repeat.ts";
import type { CallOptions } from "./transport.ts";

/** What is remembered of a server. */
export interface Offered {
  /** Whether it offers watches, as far as is known. */
  watches: boolean;
}

/** Once the server has told something, whoever follows sits out a restart of about a minute, as in `observe`. */
const SETTLED_POLICY = retryPolicy({
  attempts: 12,
  initialDelay: "500ms",
  maxDelay: "10s",
  codes: ["UNAVAILABLE", "DEADLINE_EXCEEDED"],
});
const SILENCE_MS_MAX = 75_000;
/** A stream that ended is begun again after this, half as much more or less: many may have ended together. */
const AGAIN_MS = 1_000;

/** What servers that know no watches answer. Nothing is concluded from it before the operation has been found. */
const UNKNOWN_CALL: ReadonlySet<string> = new Set(["NOT_FOUND", "UNIMPLEMENTED", "INVALID_ARGUMENT"]);

/**
 * Gives the operation now and each time that it has changed, until it is done. It watches; where the server does not offer that,
 * or refuses it, it observes, and remembers which servers do not.
 */
export async function* follow(
  observer: Observer & { readonly offered: Offered },
  name: string,
  options: CallOptions,
): AsyncGenerator<ClientOperation, void, undefined> {
  const { patience, offered } = observer;
  let how = { ...patience };
  let refusal: StatusError | undefined;
  while (offered.watches) {
    const begun = await repeat(how, () => begin(observer, name, options), options.signal).catch(refusalOf);
    if (begun instanceof StatusError) {
      // Once something was told, a refusal is final.
      if (how.policy !== patience.policy || patience.policy.codes.has(begun.code)) throw begun;
      refusal = begun;
      break;
    }
    how = { ...patience, policy: SETTLED_POLICY, giveUpMs: SILENCE_MS_MAX };
    try {
      for await (const operation of begun) {
        yield operation;
        if (operation.done) return;
      }
    } catch (error) {
      if (!(error instanceof StatusError) || !SETTLED_POLICY.codes.has(error.code)) throw error;
    }
    await pause(patience.clock, AGAIN_MS * (0.5 + patience.random.fraction()), options.signal);
  }
  for await (const operation of observe(observer, name, options)) {
    if (refusal !== undefined && UNKNOWN_CALL.has(refusal.code)) offered.watches = false;
    yield operation;
  }
}

/** @throws what is no answer of the server's */
function refusalOf(error: unknown): StatusError {
  if (error instanceof StatusError) return error;
  throw error;
}

/** Begins a watch, as far as what it tells first: until then it may be begun again. */
async function begin(
  { transport }: Observer,
  name: string,
  options: CallOptions,
): Promise<AsyncIterable<ClientOperation>> {
  const stream = transport.watch(name, options)[Symbol.asyncIterator]();
  const first = await stream.next();
  return (async function* (): AsyncGenerator<ClientOperation> {
    try {
      for (let each = first; each.done !== true; each = await stream.next()) yield each.value;
    } finally {
      await stream.return?.();
    }
  })();
}
