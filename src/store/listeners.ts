import type { Log } from "../core/ports/log.ts";

/** Listeners, each of whom hears everything, whatever the others do with it. */
export class Listeners<Message> {
  readonly #log: Log;
  readonly #listeners = new Set<(message: Message) => void>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** @returns takes the listener off */
  add(listener: (message: Message) => void): () => void {
    // A wrapper of its own, so that the same function can listen twice and go once.
    const own = (message: Message): void => listener(message);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }

  tell(message: Message): void {
    for (const listener of this.#listeners) {
      try {
        listener(message);
      } catch (error) {
        this.#log.error("a listener of the store threw; the others were told all the same", { error });
      }
    }
  }
}
