import type { Transport } from "./transport.ts";

/** An event about one attempt of a call. */
export type CallEvent =
  /** It was sent, and a healthy server answers within `expectedMs` plus the network's latency. */
  | { readonly name: "sent"; readonly expectedMs: number }
  | { readonly name: "answered" }
  | { readonly name: "failed"; readonly error: unknown };

/** A transport that reports every attempt of every call. */
export function reportingTransport(transport: Transport, tell: (event: CallEvent) => void): Transport {
  const told = async <T>(call: () => Promise<T>, expectedMs = 0): Promise<T> => {
    tell({ name: "sent", expectedMs });
    try {
      const answer = await call();
      tell({ name: "answered" });
      return answer;
    } catch (error) {
      tell({ name: "failed", error });
      throw error;
    }
  };
  return {
    start: (call, options) => told(() => transport.start(call, options)),
    startMany: (calls, options) => told(() => transport.startMany(calls, options)),
    get: (name, options) => told(() => transport.get(name, options)),
    list: (call, options) => told(() => transport.list(call, options)),
    cancel: (name, options) => told(() => transport.cancel(name, options)),
    delete: (name, options) => told(() => transport.delete(name, options)),
    wait: (name, timeoutMs, options) => told(() => transport.wait(name, timeoutMs, options), timeoutMs),
    watch: (name, options) => toldWatch(transport.watch(name, options), tell),
    watchOperations: (call, options) => toldWatch(transport.watchOperations(call, options), tell),
    close: () => transport.close(),
  };
}

/** The first message counts as the answer. */
async function* toldWatch<T>(told: AsyncIterable<T>, tell: (event: CallEvent) => void): AsyncGenerator<T> {
  tell({ name: "sent", expectedMs: 0 });
  let isAnswered = false;
  try {
    for await (const each of told) {
      if (!isAnswered) tell({ name: "answered" });
      isAnswered = true;
      yield each;
    }
  } catch (error) {
    tell({ name: "failed", error });
    throw error;
  }
}
