import { type Clock, systemClock } from "../core/ports/clock.ts";
import { StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { tooManyWait } from "./fault.ts";
import { KeyTurns, type Taker } from "./key-turns.ts";
import { isOver, type Patience } from "./patience.ts";

/** The smallest batch that is worth a commit in parallel with another batch. */
const SHARE_MIN = 20;
const NONE: readonly string[] = [];

/** The outcome of one item of a batch. A promise as the answer: the item is carried out elsewhere. */
export type ItemOutcome<Answer> =
  | { readonly answer: Answer | PromiseLike<Answer>; readonly error?: undefined }
  | { readonly answer?: undefined; readonly error: Error };

/**
 * The meaning of an error of a whole batch.
 *
 * `all`: the store is unreachable. Fail the batch and all queued items; they were never sent. `each`: one item may be the
 * cause. Execute each item alone. `again`: a lock or a conflict. Execute each item alone, and retry until its time is over.
 */
export type BatchVerdict = "all" | "each" | "again";

/** The waiting items in all lanes that share a limit. */
export interface LaneRoom {
  items: number;
  bytes: number;
}

/** The parts of a lane. */
export interface LaneParts<Item, Answer> {
  /** Carries out a batch. Answers in the order of the items; rejects if no item was carried out. */
  readonly carryOut: (items: readonly Item[]) => Promise<readonly ItemOutcome<Answer>[]>;
  /** The most batches in progress at once, 1 or more. */
  readonly inFlightMax: number;
  /** The most items in one batch. @default `LIMITS.writeBatchMax` */
  readonly countMax?: () => number;
  /** The limit, possibly shared with other lanes. @default a limit of its own */
  readonly room?: LaneRoom;
  /** The approximate size of an item in bytes. @default none */
  readonly bytesOf?: (item: Item) => number;
  /** Items with a common key are never in the same batch or in concurrent batches. @default none */
  readonly keysOf?: (item: Item) => readonly string[];
  /** Items with a common lock share a batch until one of them had to wait. @default none */
  readonly locksOf?: (item: Item) => readonly string[];
  /** @default `all` for a StatusError, otherwise `each` */
  readonly batchVerdictOf?: (error: unknown) => BatchVerdict;
  /** The error for the caller. @default the same error */
  readonly errorOf?: (error: unknown) => Error;
  /** Needed for the verdict `again`. */
  readonly patience?: Patience;
  /** How long a batch waits for more when the one before it held several. @default 0, no longer than the turn */
  readonly gatherMs?: (() => number) | undefined;
  /** @default the machine's */
  readonly clock?: Pick<Clock, "soon" | "after">;
}

interface Entry<Item, Answer> extends Taker {
  readonly item: Item;
  readonly bytes: number;
  readonly keys: readonly string[];
  readonly locks: readonly string[];
  readonly addedAt: number;
  tries: number;
  /** How long its last try took. */
  triedMs: number;
  readonly resolve: (answer: Answer | PromiseLike<Answer>) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Group commit for one kind of command: *batch while busy*. An idle lane sends items as soon as the
 * event loop has handled everything that is ready. Items that arrive while a batch is in progress
 * form the next batch, so batches grow with the load and no item waits for a batch to fill. If
 * other processes share the load, a batch after one with several items waits a moment for more
 * (`gatherMs`).
 *
 * ```
 *            ┌─ behind: another item holds a key of it ◄─┐
 *   add() ───┴► waiting ──► in a batch ──► answered      │ its lock was held
 *                               └────────► alone ────────┘
 * ```
 *
 * Terms: a *batch* is carried out as a unit; an item is *alone* when it is carried out by itself,
 * after its batch failed and the item may be the cause. On failure: a batch fails as a whole, and
 * the verdict says for which items, or answers each item. An item that is alone delays no batch,
 * and items that need the same lock wait behind it.
 */
export class Lane<Item, Answer> {
  readonly #parts: LaneParts<Item, Answer>;
  readonly #countMax: () => number;
  readonly #alone: Entry<Item, Answer>[] = [];
  readonly #turns = new KeyTurns<Entry<Item, Answer>>();
  #waiting: Entry<Item, Answer>[] = [];
  #inFlight = 0;
  #aloneInFlight = 0;
  #scheduled = false;
  /** The number of items in the last batch sent. */
  #lastCount = 0;
  /** The number of unanswered items. */
  #open = 0;
  readonly #room: LaneRoom;
  readonly #onIdle: (() => void)[] = [];
  readonly #leaveSoon = (): void => void this.#send();

  constructor(parts: LaneParts<Item, Answer>) {
    this.#parts = parts;
    this.#countMax = parts.countMax ?? (() => LIMITS.writeBatchMax);
    this.#room = parts.room ?? { items: 0, bytes: 0 };
  }

  /**
   * Carries out an item, in a batch with others.
   *
   * @returns the item's own answer, after its commit
   * @throws {StatusError} STORE_UNAVAILABLE if too many items wait, and as `errorOf` says
   */
  add(item: Item): Promise<Answer> {
    const { bytesOf, keysOf, locksOf, patience } = this.#parts;
    const bytes = bytesOf?.(item) ?? 0;
    const room = this.#room;
    const isFull = room.items >= LIMITS.writesWaitingMax || room.bytes + bytes > LIMITS.writesWaitingBytesMax;
    if (isFull && room.items > 0) return Promise.reject(tooManyWait());
    this.#open++;
    room.items++;
    room.bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#enter({
        item,
        bytes,
        keys: keysOf?.(item) ?? NONE,
        locks: locksOf?.(item) ?? NONE,
        addedAt: patience?.clock.monotonic() ?? 0,
        held: NONE,
        tries: 0,
        triedMs: 0,
        resolve,
        reject,
      });
      this.#schedule();
    });
  }

  /** Resolves when every item has been answered. */
  async idle(): Promise<void> {
    if (this.#open > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
  }

  /** Puts an item into the queue, or behind the holder of one of its keys. */
  #enter(entry: Entry<Item, Answer>): void {
    const { locks, held } = entry;
    // An item of an earlier batch already holds its keys, and must not wait for itself.
    const keys = held.length === 0 ? entry.keys : entry.keys.filter((key) => !held.includes(key));
    if (this.#turns.isBehind(entry, keys) || this.#turns.isBehind(entry, locks)) return;
    this.#turns.take(entry, keys);
    this.#waiting.push(entry);
  }

  /**
   * Items of one turn of the event loop share a batch: the first of many must not be sent alone.
   */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.#parts.inFlightMax || this.#waiting.length === 0) return;
    this.#scheduled = true;
    const { clock = systemClock, gatherMs } = this.#parts;
    const waitMs = this.#lastCount > 1 && this.#waiting.length < this.#countMax() ? (gatherMs?.() ?? 0) : 0;
    if (waitMs > 0) clock.after(waitMs, this.#leaveSoon);
    else clock.soon(this.#leaveSoon);
  }

  async #send(): Promise<void> {
    this.#scheduled = false;
    if (this.#inFlight >= this.#parts.inFlightMax || this.#waiting.length === 0) return;
    const batch = this.#next();
    this.#lastCount = batch.length;
    this.#inFlight++;
    this.#schedule();
    const failed = await this.#carryOut(batch);
    if (failed !== undefined) this.#failed(batch, failed.error);
    this.#inFlight--;
    this.#schedule();
  }

  /** The oldest waiting items; only a share of them while another batch is in progress. */
  #next(): readonly Entry<Item, Answer>[] {
    const share = Math.max(SHARE_MIN, Math.ceil(this.#waiting.length / this.#parts.inFlightMax));
    const most = Math.min(this.#countMax(), this.#inFlight === 0 ? this.#waiting.length : share);
    let bytes = this.#waiting[0]?.bytes ?? 0;
    let end = 1;
    while (end < most && end < this.#waiting.length) {
      bytes += this.#waiting[end]?.bytes ?? 0;
      if (bytes > LIMITS.writeBatchBytesMax) break;
      end++;
    }
    return this.#waiting.splice(0, end);
  }

  /** @returns the error if no item of the batch was carried out */
  async #carryOut(batch: readonly Entry<Item, Answer>[]): Promise<{ readonly error: unknown } | undefined> {
    const clock = this.#parts.patience?.clock;
    const startedAt = clock?.monotonic() ?? 0;
    try {
      const outcomes = await this.#parts.carryOut(batch.map(({ item }) => item));
      for (const [index, entry] of batch.entries()) this.#settle(entry, outcomes[index]);
      return undefined;
    } catch (error) {
      for (const entry of batch) entry.triedMs = (clock?.monotonic() ?? 0) - startedAt;
      return { error };
    }
  }

  #failed(batch: readonly Entry<Item, Answer>[], error: unknown): void {
    const verdict = this.#parts.batchVerdictOf?.(error) ?? (error instanceof StatusError ? "all" : "each");
    if (verdict === "all") {
      for (const entry of batch) this.#refuse(entry, error);
      // Rejecting an item moves the items behind it into the queue.
      while (this.#waiting.length > 0)
        for (const entry of this.#waiting.splice(0)) this.#refuse(entry, error);
    } else if (batch.length > 1) {
      this.#alone.push(...batch.filter((entry) => this.#isApart(entry)));
    } else {
      for (const entry of batch) this.#tryAgain(entry, verdict, error);
    }
    this.#nextAlone();
  }

  /** Takes the item's locks out of the batches. @returns false if it must wait behind another */
  #isApart(entry: Entry<Item, Answer>): boolean {
    const locks = entry.locks.filter((lock) => !entry.held.includes(lock));
    if (this.#turns.isBehind(entry, locks)) return false;
    this.#turns.take(entry, locks);
    return true;
  }

  #tryAgain(entry: Entry<Item, Answer>, verdict: BatchVerdict, error: unknown): void {
    const { patience } = this.#parts;
    if (verdict === "each" || patience === undefined || this.#isOver(entry)) {
      this.#refuse(entry, error);
      return;
    }
    if (!this.#isApart(entry)) return;
    void this.#afterPause(entry, patience);
  }

  async #afterPause(entry: Entry<Item, Answer>, patience: Patience): Promise<void> {
    await patience.pause(++entry.tries);
    this.#alone.push(entry);
    this.#nextAlone();
  }

  #isOver(entry: Entry<Item, Answer>): boolean {
    const { patience } = this.#parts;
    return patience !== undefined && isOver(patience, entry);
  }

  #nextAlone(): void {
    while (this.#aloneInFlight < (this.#parts.patience?.aloneMax ?? 1)) {
      const entry = this.#alone.shift();
      if (entry === undefined) return;
      void this.#sendAlone(entry);
    }
  }

  async #sendAlone(entry: Entry<Item, Answer>): Promise<void> {
    this.#aloneInFlight++;
    const failed = await this.#carryOut([entry]);
    this.#aloneInFlight--;
    if (failed !== undefined) this.#failed([entry], failed.error);
    this.#nextAlone();
  }

  #settle(entry: Entry<Item, Answer>, outcome: ItemOutcome<Answer> | undefined): void {
    if (outcome === undefined) entry.reject(new Error("The store answered fewer commands than it was given"));
    else if (outcome.error === undefined) entry.resolve(outcome.answer);
    else entry.reject(outcome.error);
    this.#leave(entry);
  }

  #refuse(entry: Entry<Item, Answer>, error: unknown): void {
    entry.reject(this.#parts.errorOf?.(error) ?? (error as Error));
    this.#leave(entry, { error });
  }

  #leave(entry: Entry<Item, Answer>, failed?: { readonly error: unknown }): void {
    this.#open--;
    this.#room.items--;
    this.#room.bytes -= entry.bytes;
    this.#turns.release(entry, (next) => {
      // Items that have waited too long behind a failed item fail with it.
      if (failed !== undefined && this.#isOver(next)) this.#refuse(next, failed.error);
      else this.#enter(next);
    });
    this.#schedule();
    if (this.#open === 0) for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
