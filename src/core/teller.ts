import { EVENT_NAMES, type EventFields, type EventName, type Tell } from "./events.ts";

/** An event as a listener gets it. */
export type Told = { readonly [Name in EventName]: [name: Name, fields: EventFields<Name>] }[EventName];

/** Is called in the midst of whatever tells: it does what is quick, and leaves the rest for later. */
export type Listener = (...told: Told) => void;

/** Leads events from those who tell them to those who listen. */
export class Teller {
  /** What the rooms tell with. */
  readonly tell: Tell;
  readonly #slots: { [Name in EventName]?: ((fields: EventFields<Name>) => void) | undefined } = {};
  readonly #listeners = new Map<EventName, Set<Listener>>();
  #isTellingOfFailure = false;

  constructor() {
    this.tell = this.#slots;
  }

  /**
   * Adds a listener. What it throws disturbs neither the teller nor other listeners; `listener.failed` tells of it.
   *
   * @param names the events to listen to. @default all
   * @returns takes the listener off
   */
  watch(listener: Listener, names: readonly EventName[] = EVENT_NAMES): () => void {
    // A function of its own, so that the same listener can be added twice and taken off once.
    const own: Listener = (...told) => listener(...told);
    for (const name of names) this.#add(name, own);
    return () => {
      for (const name of names) this.#remove(name, own);
    };
  }

  #add(name: EventName, listener: Listener): void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    this.#slots[name] ??= (fields: object) => this.#hear(listeners, [name, fields] as unknown as Told);
  }

  #remove(name: EventName, listener: Listener): void {
    const listeners = this.#listeners.get(name);
    if (listeners?.delete(listener) !== true || listeners.size > 0) return;
    this.#listeners.delete(name);
    this.#slots[name] = undefined;
  }

  #hear(listeners: ReadonlySet<Listener>, told: Told): void {
    for (const listener of listeners) {
      try {
        listener(...told);
      } catch (error) {
        this.#tellFailure(error);
      }
    }
  }

  /** A listener that throws at this, too, is not told of itself. */
  #tellFailure(error: unknown): void {
    if (this.#isTellingOfFailure) return;
    this.#isTellingOfFailure = true;
    this.tell["listener.failed"]?.({ error });
    this.#isTellingOfFailure = false;
  }
}
