import type { Change } from "../core/ports/store.ts";
import { Recent } from "../core/value/recent.ts";

/**
 * Rendered answers, kept in memory until their operation changes.
 *
 * Terms: a *key* identifies the answer (an operation can be shown in more than one way), a *view*
 * the group of callers that may see it; a *ticket* is taken before the record is read, and handed
 * in with the rendered answer. Source of truth: the store's notices. They arrive before the caller
 * of the write is answered, so a caller that knows of a write never gets an older answer. An answer
 * whose record was read before a change and that arrives after it is recognized by its ticket and
 * not kept. This requires a store that only this process writes to, such as the embedded one.
 *
 * The least recently used answers are dropped when the bytes exceed their limit, and every answer
 * after `lifeMs`, because an answer about an unfinished operation recommends a poll interval that
 * depends on its age.
 */
export class AnswerCache<Answer> {
  readonly #bytesMax: number;
  readonly #lifeMs: number;
  readonly #now: () => number;
  /** In the order of their last use. */
  readonly #byKey = new Recent<string, Entry<Answer>>();
  readonly #byId = new Map<string, Set<Entry<Answer>>>();
  readonly #tickets = new Map<string, Set<Ticket>>();
  #bytes = 0;

  /** @param options.now monotonic milliseconds */
  constructor(options: {
    readonly bytesMax: number;
    readonly lifeMs: number;
    readonly now: () => number;
  }) {
    this.#bytesMax = options.bytesMax;
    this.#lifeMs = options.lifeMs;
    this.#now = options.now;
  }

  /** The bytes kept now, as declared. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of operations with kept answers. */
  get kept(): number {
    return this.#byId.size;
  }

  /** The number of operations whose answers are being rendered, with open tickets. */
  get underWay(): number {
    return this.#tickets.size;
  }

  /** The kept answer for a view, if its operation has not changed. */
  get(view: string, key: string): Answer | undefined {
    const entry = this.#byKey.use(keyIn(view, key));
    // Compares the view, because a key may be any text and may look like that of another view.
    if (entry === undefined || entry.view !== view) return undefined;
    if (entry.untilMs <= this.#now()) {
      this.#drop(entry);
      return undefined;
    }
    return entry.answer;
  }

  /**
   * Call it before the record is read. Every ticket must be handed in, with {@link keep} or with
   * {@link giveUp}.
   */
  begin(id: string): Ticket {
    const ticket: Ticket = { id, changed: false };
    const tickets = this.#tickets.get(id);
    if (tickets === undefined) this.#tickets.set(id, new Set([ticket]));
    else tickets.add(ticket);
    return ticket;
  }

  /**
   * Keeps the rendered answer, unless the record has changed since the ticket was taken. @returns
   * whether it is kept
   */
  keep(ticket: Ticket, at: AnswerKey, answer: Answer, bytes: number): boolean {
    this.giveUp(ticket);
    if (ticket.changed || bytes > this.#bytesMax) return false;
    const key = keyIn(at.view, at.key);
    const before = this.#byKey.get(key);
    if (before !== undefined) this.#drop(before);
    const entry = { key, view: at.view, id: ticket.id, answer, bytes, untilMs: this.#now() + this.#lifeMs };
    this.#byKey.set(key, entry);
    const entries = this.#byId.get(entry.id);
    if (entries === undefined) this.#byId.set(entry.id, new Set([entry]));
    else entries.add(entry);
    this.#bytes += bytes;
    while (this.#bytes > this.#bytesMax && this.#byKey.oldest !== undefined)
      this.#drop(this.#byKey.oldest.value);
    return true;
  }

  /** Hands a ticket in without an answer. Harmless when repeated. */
  giveUp(ticket: Ticket): void {
    const tickets = this.#tickets.get(ticket.id);
    if (tickets?.delete(ticket) === true && tickets.size === 0) this.#tickets.delete(ticket.id);
  }

  /** Drops the answers about changed records, kept or still being rendered. */
  notice(changes: readonly Change[]): void {
    if (this.#byKey.size === 0 && this.#tickets.size === 0) return;
    for (const { id } of changes) {
      for (const entry of this.#byId.get(id) ?? []) this.#drop(entry);
      for (const ticket of this.#tickets.get(id) ?? []) ticket.changed = true;
      this.#tickets.delete(id);
    }
  }

  #drop(entry: Entry<Answer>): void {
    this.#byKey.delete(entry.key);
    this.#bytes -= entry.bytes;
    const entries = this.#byId.get(entry.id);
    if (entries?.delete(entry) === true && entries.size === 0) this.#byId.delete(entry.id);
  }
}

/** Marks an answer that is being rendered. */
export interface Ticket {
  readonly id: string;
  /** Whether the record has changed since. */
  changed: boolean;
}

/** The place of an answer in the cache. */
export interface AnswerKey {
  /**
   * The group of callers, as named by the authorizer: an answer for one view is never given to
   * another.
   */
  readonly view: string;
  /** Identifies the answer. */
  readonly key: string;
}

/** View and key in one text. The empty view costs nothing. */
function keyIn(view: string, key: string): string {
  return view === "" ? key : `${view}\n${key}`;
}

interface Entry<Answer> {
  /** Includes the view. */
  readonly key: string;
  readonly view: string;
  readonly id: string;
  readonly answer: Answer;
  readonly bytes: number;
  readonly untilMs: number;
}
