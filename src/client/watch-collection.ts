import { StatusError } from "../core/error/error.ts";
import { Again, beginStream } from "./follow.ts";
import { type Observer, SETTLED_POLICY, SILENCE_MS_MAX } from "./observe.ts";
import { repeat } from "./repeat.ts";
import type { CallOptions, CollectionEvent, WatchCall } from "./transport.ts";

/**
 * Yields the events of a collection until the caller stops. A stream that ends or breaks is started
 * again, which yields everything again: the operations, an `initialEnd`, and then the changes.
 *
 * @throws {StatusError} UNAVAILABLE, DEADLINE_EXCEEDED if the server has been silent for more than
 *   a minute; and any error with which the server rejects the watch, such as UNIMPLEMENTED if it
 *   supports none
 */
export async function* watchCollection(
  { transport, patience }: Observer,
  call: WatchCall,
  options: CallOptions,
): AsyncGenerator<CollectionEvent, void, undefined> {
  const again = new Again(patience);
  let how = patience;
  for (;;) {
    const begin = (): Promise<AsyncIterable<CollectionEvent>> =>
      beginStream(transport.watchOperations(call, options));
    const begun = await repeat(how, begin, options.signal);
    how = { ...patience, policy: SETTLED_POLICY, giveUpMs: SILENCE_MS_MAX };
    again.began();
    try {
      yield* begun;
    } catch (error) {
      if (!(error instanceof StatusError) || !SETTLED_POLICY.codes.has(error.code)) throw error;
    }
    await again.pause(options.signal);
  }
}
