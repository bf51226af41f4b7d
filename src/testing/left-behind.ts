import type { AbortSource } from "../core/ports/abort.ts";

/**
 * Counts what a test leaves behind. The fixtures of the rooms compare after every test, so that a
 * leak fails the test that causes it, whatever its subject.
 */

/** @throws {Error} with each count that is not 0 */
export function assertNothingLeft(counts: Readonly<Record<string, number>>): void {
  const left = Object.entries(counts).filter(([, count]) => count !== 0);
  if (left.length === 0) return;
  const shown = left.map(([what, count]) => `${what}: ${count}`).join(", ");
  throw new Error(`The test left something behind (${shown})`);
}

/** Anything with listeners that are removed by the returned function. */
interface Watched<Message> {
  watch(listener: (message: Message) => void): () => void;
}

/** Counts the listeners from now on. @returns their current number */
export function countListeners<Message>(port: Watched<Message>): () => number {
  const watch = port.watch.bind(port);
  let count = 0;
  port.watch = (listener) => {
    const unwatch = watch(listener);
    let isOn = true;
    count++;
    return () => {
      if (isOn) count--;
      isOn = false;
      unwatch();
    };
  };
  return () => count;
}

/** Unanswered calls of one method, and the abort listeners on their signals. */
export interface CountedCalls {
  readonly underWay: number;
  readonly listeners: number;
}

/** Counts the calls of a method from now on. */
export function countCalls<Name extends string>(
  port: Record<Name, (...given: never[]) => Promise<unknown>>,
  name: Name,
): CountedCalls {
  const call = port[name].bind(port);
  const signals = new CountedSignals();
  const counted = { underWay: 0, listeners: 0 };
  port[name] = (...given) => {
    for (const each of given as unknown[]) signals.count(each);
    counted.underWay++;
    return call(...given).finally(() => counted.underWay--);
  };
  return {
    get underWay() {
      return counted.underWay;
    },
    get listeners() {
      return signals.listeners;
    },
  };
}

/** The listeners on signals. Each signal is counted from its first call. */
class CountedSignals {
  readonly #seen = new WeakSet<object>();
  listeners = 0;

  /** Finds signals in a value and its members. */
  count(value: unknown): void {
    if (typeof value !== "object" || value === null || this.#seen.has(value)) return;
    if (isSignal(value)) this.#begin(value);
    else for (const member of Object.values(value)) if (isSignal(member)) this.#begin(member);
  }

  #begin(signal: AbortSource): void {
    if (this.#seen.has(signal)) return;
    this.#seen.add(signal);
    const own = new Set<() => void>();
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (type, listener) => {
      if (!own.has(listener)) this.listeners++;
      own.add(listener);
      add(type, listener);
    };
    signal.removeEventListener = (type, listener) => {
      if (own.delete(listener)) this.listeners--;
      remove(type, listener);
    };
  }
}

function isSignal(value: unknown): value is AbortSource {
  return typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value;
}
