import { type Clock, systemClock, type Timer } from "../../core/ports/clock.ts";
import { arrayOf } from "./array.ts";
import type { Database } from "./database.ts";
import { type Home, Homes } from "./homes.ts";
import type { OwnHome } from "./own-home.ts";
import * as sql from "./statements-home.ts";

/** The parts of LiveHomes. */
export interface LiveHomesParts {
  readonly database: Pick<Database, "query">;
  /** This process. */
  readonly own: Pick<OwnHome, "name" | "methods" | "refresh">;
  /** Announces to the others that this process starts or stops. */
  readonly announce: () => void;
  /** @default the machine's, because it waits for other machines */
  readonly clock?: Clock;
  /** The time for statements; null for the database's own. */
  readonly now?: () => number | null;
}

/** The interval at which a process renews its row and reads the others. */
export const BEAT_MS = 5_000;
/** A process that was not seen for this time is dead. */
export const DEAD_MS = 3 * BEAT_MS;
/**
 * The number of beats after which the methods of all processes are read again, because a notice of
 * a change may be lost.
 */
const BEATS_TO_READ_ALL = 12;
/** The row of a dead process is removed after this time. */
const REMOVED_MS = 60_000;

const NOBODY_KNOWN = new Homes([]);

/**
 * Tracks the live processes, and announces this one.
 *
 * Once per beat, one statement renews this process's row and reads all rows. A process announces
 * its start, its stop and changes of its methods, and the others then read at once. The row of a
 * killed process becomes stale. If the database does not answer for that long, no process is known,
 * and all processes are notified of everything.
 */
export class LiveHomes {
  readonly #parts: LiveHomesParts;
  readonly #clock: Clock;
  /** By name. */
  #others = new Map<string, Home>();
  /** The methods in the row of this process. */
  #entered: ReadonlySet<string> | undefined;
  #beats = 0;
  #known = NOBODY_KNOWN;
  #seenAt = Number.NEGATIVE_INFINITY;
  #beating: Promise<void> | undefined;
  /** The look after the one in progress. */
  #next: Promise<void> | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  constructor(parts: LiveHomesParts) {
    this.#parts = parts;
    this.#clock = parts.clock ?? systemClock;
  }

  /** The live processes, including this one; none if unknown. */
  get known(): Homes {
    return this.#clock.monotonic() - this.#seenAt < DEAD_MS ? this.#known : NOBODY_KNOWN;
  }

  /** Resolves when the others know this process, or if that is impossible. */
  start(): Promise<void> {
    return this.look();
  }

  /** A process came, went, or changed its methods. */
  moved(name: string): void {
    this.#others.delete(name);
    void this.look();
  }

  /**
   * Reads which processes live now. All calls while a look is in progress share one more look.
   *
   * @returns when a look has ended that began with this call or after it
   */
  look(): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    if (this.#beating !== undefined) return (this.#next ??= this.#beating.then(() => this.look()));
    this.#beating = this.#beat().finally(() => {
      this.#beating = undefined;
      if (this.#next === undefined) this.#arm();
      this.#next = undefined;
    });
    return this.#beating;
  }

  /** Removes this process; call it when the process runs nothing any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#beating;
    this.#seenAt = Number.NEGATIVE_INFINITY;
    const { database, own, announce } = this.#parts;
    await database.query(sql.LEAVE, [own.name]).then(announce, () => {});
  }

  #arm(): void {
    this.#timer?.cancel();
    if (!this.#stopped) this.#timer = this.#clock.after(BEAT_MS, () => void this.look());
  }

  /** Never rejects, because the next beat retries. */
  async #beat(): Promise<void> {
    const { own, announce } = this.#parts;
    own.refresh(this.#clock.monotonic());
    try {
      const { methods } = own;
      if (methods === this.#entered && (await this.#read())) return;
      const text = JSON.stringify([...methods]);
      await this.#parts.database.query(sql.ENTER, [this.#now(), own.name, text]);
      this.#entered = methods;
      await this.#read();
      announce();
    } catch {
      // The known processes become stale, and are then ignored.
    }
  }

  /** @returns whether the row of this process exists */
  async #read(): Promise<boolean> {
    const { database, own } = this.#parts;
    const startedAt = this.#clock.monotonic();
    if (++this.#beats % BEATS_TO_READ_ALL === 0) this.#others.clear();
    const read = arrayOf([...this.#others.keys()]);
    const rows = await database.query(sql.LIVE, [this.#now(), own.name, DEAD_MS, REMOVED_MS, read]);
    const others = rows.map(([name, methods]) => this.#homeOf(String(name), methods));
    const found = others.filter((home) => home.name !== own.name);
    this.#others = new Map(found.map((home) => [home.name, home]));
    this.#known = new Homes([own, ...found]);
    this.#seenAt = startedAt;
    return found.length < rows.length;
  }

  #homeOf(name: string, methods: unknown): Home {
    const known = this.#others.get(name);
    if (known !== undefined || typeof methods !== "string") return known ?? { name, methods: new Set() };
    return { name, methods: new Set(JSON.parse(methods) as readonly string[]) };
  }

  #now(): number | null {
    return this.#parts.now?.() ?? null;
  }
}
