import { mock } from "node:test";

type Set = (callback: () => void, ms?: number) => NodeJS.Timeout;

/**
 * Counts the timers that are set on the machine's clock while it watches. Timers that keep the
 * process alive are not the service's, so they are ignored.
 */
export class Timers {
  readonly #open = new Map<NodeJS.Timeout, string>();
  readonly #set = Reflect.get(globalThis, "setTimeout") as Set;
  readonly #clear = Reflect.get(globalThis, "clearTimeout");
  readonly #watched = [
    mock.method(globalThis, "setTimeout", this.#begin.bind(this)),
    mock.method(globalThis, "clearTimeout", this.#end.bind(this)),
  ];

  /** Stops watching. */
  stop(): void {
    for (const each of this.#watched) each.mock.restore();
  }

  /** The delays of the timers that have neither fired nor been cancelled. */
  left(): readonly string[] {
    return [...this.#open].filter(([timer]) => !timer.hasRef()).map(([, text]) => text);
  }

  #begin(callback: (...all: unknown[]) => void, ms?: number, ...all: unknown[]): NodeJS.Timeout {
    const timer = this.#set(() => {
      this.#open.delete(timer);
      callback(...all);
    }, ms);
    this.#open.set(timer, `${ms} ms`);
    return timer;
  }

  #end(timer?: NodeJS.Timeout | string | number): void {
    if (typeof timer === "object") this.#open.delete(timer);
    this.#clear(timer);
  }
}
