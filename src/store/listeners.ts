import type { Tell } from "../core/events.ts";

/** A set of listeners. An error in one listener does not affect the others. */
export class Listeners<Message> {
  readonly #tell: Tell;
  readonly #listeners = new Set<(message: Message) => void>();

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  /** @returns a function that removes the listener */
  add(listener: (message: Message) => void): () => void {
    // A new wrapper, so that the same function can be added twice and removed once.
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
