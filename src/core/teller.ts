import { EVENT_NAMES, type EventFields, type EventName, type Tell } from "./events.ts";

/** An event as a listener gets it. */
export type Told = { readonly [Name in EventName]: [name: Name, fields: EventFields<Name>] }[EventName];

/** Called synchronously by the emitter, so it must be quick and defer other work. */
export type Listener = (...told: Told) => void;

/** A listener, called without an array of its arguments: some events happen with every call. */
type Hear = (name: EventName, fields: object) => void;

/** Delivers events to listeners. */
export class Teller {
  /** The emitter for all rooms. */
  readonly tell: Tell;
  readonly #slots: { [Name in EventName]?: ((fields: EventFields<Name>) => void) | undefined } = {};
  readonly #listeners = new Map<EventName, Set<Hear>>();
  #isTellingOfFailure = false;

  constructor() {
    this.tell = this.#slots;
  }

  /**
   * Adds a listener. An error in it does not affect the emitter or other listeners; it is reported
   * as `listener.failed`.
   *
   * @param names the events to listen to. @default all
   * @returns removes the listener
   */
  watch(listener: Listener, names: readonly EventName[] = EVENT_NAMES): () => void {
    // A new function, so that the same listener can be added twice and removed once.
    const hear = listener as Hear;
    const own: Hear = (name, fields) => hear(name, fields);
    for (const name of names) this.#add(name, own);
    return () => {
      for (const name of names) this.#remove(name, own);
    };
  }

  #add(name: EventName, listener: Hear): void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    this.#slots[name] ??= (fields: object) => this.#hear(listeners, name, fields);
  }

  #remove(name: EventName, listener: Hear): void {
    const listeners = this.#listeners.get(name);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    this.#listeners.delete(name);
    this.#slots[name] = undefined;
  }

  #hear(listeners: ReadonlySet<Hear>, name: EventName, fields: object): void {
    for (const listener of listeners) {
      try {
        listener(name, fields);
      } catch (error) {
        this.#tellFailure(error);
      }
    }
  }

  /** A listener that also fails on this event does not receive its own failure. */
  #tellFailure(error: unknown): void {
    if (this.#isTellingOfFailure) return;
    this.#isTellingOfFailure = true;
    this.tell["listener.failed"]?.({ error });
    this.#isTellingOfFailure = false;
  }
}
