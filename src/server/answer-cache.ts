import type { Change } from "../core/ports/store.ts";

/**
 * Rendered answers, kept in memory until their operation changes.
 *
 * Words: a *key* says which answer it is (an operation can be shown in more than one way), a *view* for whom; a *ticket* is taken before the
 * record is read and handed in with what was made of it. Authority: the store's notices. They come before the caller of the
 * write is answered, so that whoever knows of a write is never shown what was before it. An answer whose record was read
 * before a change and arrives after it is recognised by its ticket and not kept. This needs a store whose every write comes
 * from this process, as the embedded one's does.
 *
 * The least recently used are let go when the bytes pass their limit, and everything after `lifeMs`, since an answer about an
 * unfinished operation recommends a poll interval that depends on its age.
 */
export class AnswerCache<Answer> {
  readonly #bytesMax: number;
  readonly #lifeMs: number;
  readonly #now: () => number;
  /** In the order of their last use. */
  readonly #byKey = new Map<string, Entry<Answer>>();
  /** The last of them. */
  #newest: Entry<Answer> | undefined;
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

  /** Bytes kept now, as they were declared. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Operations about which answers are kept. */
  get kept(): number {
    return this.#byId.size;
  }

  /** Operations about which answers are being made: their tickets are out. */
  get underWay(): number {
    return this.#tickets.size;
  }

  /** The answer that is kept for a view, if its operation has not changed. */
  get(view: string, key: string): Answer | undefined {
    const entry = this.#byKey.get(keyIn(view, key));
    // The view of the entry counts: a key may be anything, and look like that of another view.
    if (entry === undefined || entry.view !== view) return undefined;
    if (entry.untilMs <= this.#now()) {
      this.#drop(entry);
      return undefined;
    }
    if (entry !== this.#newest) {
      // The last in a map is the newest.
      this.#byKey.delete(entry.key);
      this.#byKey.set(entry.key, entry);
      this.#newest = entry;
    }
    return entry.answer;
  }

  /** To be called before the record is read. Every ticket is handed in, with {@link keep} or with {@link giveUp}. */
  begin(id: string): Ticket {
    const ticket: Ticket = { id, changed: false };
    const tickets = this.#tickets.get(id);
    if (tickets === undefined) this.#tickets.set(id, new Set([ticket]));
    else tickets.add(ticket);
    return ticket;
  }

  /** Keeps what was made of the record, unless it has changed since the ticket was taken. @returns whether it is kept */
  keep(ticket: Ticket, at: AnswerKey, answer: Answer, bytes: number): boolean {
    this.giveUp(ticket);
    if (ticket.changed || bytes > this.#bytesMax) return false;
    const key = keyIn(at.view, at.key);
    const before = this.#byKey.get(key);
    if (before !== undefined) this.#drop(before);
    const entry = { key, view: at.view, id: ticket.id, answer, bytes, untilMs: this.#now() + this.#lifeMs };
    this.#byKey.set(key, entry);
    this.#newest = entry;
    const entries = this.#byId.get(entry.id);
    if (entries === undefined) this.#byId.set(entry.id, new Set([entry]));
    else entries.add(entry);
    this.#bytes += bytes;
    for (const oldest of this.#byKey.values()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#drop(oldest);
    }
    return true;
  }

  /** Hands a ticket in for nothing. Harmless when repeated. */
  giveUp(ticket: Ticket): void {
    const tickets = this.#tickets.get(ticket.id);
    if (tickets?.delete(ticket) === true && tickets.size === 0) this.#tickets.delete(ticket.id);
  }

  /** Forgets what is kept about records that changed, and what is being made of them. */
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
    if (entry === this.#newest) this.#newest = undefined;
    this.#bytes -= entry.bytes;
    const entries = this.#byId.get(entry.id);
    if (entries?.delete(entry) === true && entries.size === 0) this.#byId.delete(entry.id);
  }
}

/** That an answer about an operation is being made. */
export interface Ticket {
  readonly id: string;
  /** Whether the record has changed since. */
  changed: boolean;
}

/** Where an answer is kept. */
export interface AnswerKey {
  /** What callers are shown, as the authorizer names it: an answer for one view is never given to another. */
  readonly view: string;
  /** Which answer it is. */
  readonly key: string;
}

/** Both in one text. The view that everybody has today costs nothing. */
function keyIn(view: string, key: string): string {
  return view === "" ? key : `${view}\n${key}`;
}

interface Entry<Answer> {
  /** With the view in it. */
  readonly key: string;
  readonly view: string;
  readonly id: string;
  readonly answer: Answer;
  readonly bytes: number;
  readonly untilMs: number;
}
