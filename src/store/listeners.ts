import type { Tell } from "../core/events.ts";

/** Listeners, each of whom hears everything, whatever the others do with it. */
export class Listeners<Message> {
  readonly #tell: Tell;
  readonly #listeners = new Set<(message: Message) => void>();

  constructor(tell: Tell) {
    this.#tell = tell;
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
        this.#tell["store.listener-failed"]?.({ error });
      }
    }
  }
}
