import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Tell } from "../../core/events.ts";
import { Bag } from "../../core/value/bag.ts";
import type { AbortSource } from "../../core/ports/abort.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change } from "../../core/ports/store.ts";
import { Seats } from "./seats.ts";

const BY_ID = Symbol("waiter by id");
const BY_BUCKET = Symbol("waiter by bucket");

/**
 * Callers blocked in Wait.
 *
 * A waiter costs an entry in two sets, but no query and no timer of its own. It is released by the
 * end of its operation, its timeout, the disconnection of its caller, or the stop of the server. A
 * released waiter is removed at once and reads the operation, unless the hint has its record. After a false hint it enters again,
 * so a false hint does no harm. Waiters released by one batch of changes read in one batch.
 *
 * Timeouts share one timer, which is set to the earliest bucket of {@link BUCKET_MS}. A bucket
 * fires at its beginning, so a wait may return earlier by that much, which the contract allows, but
 * never late.
 */
export class Waiters {
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #seats: Seats;
  readonly #byId = new Map<string, Bag<Waiter>>();
  readonly #byBucket = new Map<number, Bag<Waiter>>();
  #timer: { readonly bucket: number; readonly timer: Timer } | undefined;
  #count = 0;
  #stopped = false;

  /** @param options.seats the seats, shared with watchers. @default `LIMITS.waitersMax` seats */
  constructor(options: { readonly clock: Clock; readonly tell: Tell; readonly seats?: Seats }) {
    this.#clock = options.clock;
    this.#tell = options.tell;
    this.#seats = options.seats ?? new Seats();
  }

  /** The number of waiting callers. */
  get count(): number {
    return this.#count;
  }

  /** As {@link Seats.hasRoomFor}. */
  hasRoomFor(connection: object | undefined): boolean {
    return this.#seats.hasRoomFor(connection);
  }

  /** The ids of operations with waiters. */
  get ids(): readonly string[] {
    return [...this.#byId.keys()];
  }

  /**
   * Adds a waiter. Enter before you read the operation, so that no change in between is missed.
   *
   * @param timeoutMs from now; 0 or less releases at once
   * @param caller.signal aborts when the caller hangs up
   * @param caller.connection the connection of the caller
   * @returns a ticket; call its `leave` after every kind of end
   * @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_WAITERS
   */
  enter(id: string, timeoutMs: number, { signal, connection }: WaitingCaller = {}): Ticket {
    this.#seats.check(connection);
    const bucket = bucketOf(this.#clock.monotonic() + timeoutMs);
    const waiter = new Waiter(this, { id, bucket, signal, connection });
    if (this.#stopped || timeoutMs <= 0 || signal?.aborted === true) {
      waiter.release(OVER);
      return waiter;
    }
    this.#seats.take(connection);
    this.#count++;
    add(this.#byId, id, waiter, BY_ID);
    add(this.#byBucket, waiter.bucket, waiter, BY_BUCKET);
    if (this.#timer === undefined || waiter.bucket < this.#timer.bucket) this.#arm(waiter.bucket);
    waiter.hear();
    this.#tell["waiter.entered"]?.({ id, waiting: this.#count });
    return waiter;
  }

  /** Releases the waiters of operations that ended or were removed. */
  notice(changes: readonly Change[]): void {
    if (this.#count === 0) return;
    for (const change of changes) {
      if (change.state === "PENDING" || change.state === "RUNNING") continue;
      const release: Release = { how: "told", ended: change.ended };
      for (const waiter of this.#byId.get(change.id) ?? []) this.forget(waiter, release);
    }
  }

  /** Releases all waiters, now and later. */
  stop(): void {
    this.#stopped = true;
    for (const waiters of this.#byBucket.values()) for (const waiter of waiters) this.forget(waiter);
    this.#timer?.timer.cancel();
    this.#timer = undefined;
  }

  /** Removes and releases a waiter. May be called repeatedly. */
  forget(waiter: Waiter, release: Release = OVER): void {
    if (!remove(this.#byId, waiter.id, waiter)) return;
    remove(this.#byBucket, waiter.bucket, waiter);
    this.#count--;
    this.#seats.leave(waiter.connection);
    waiter.release(release);
    this.#tell["waiter.released"]?.({ id: waiter.id, how: release.how, waiting: this.#count });
    if (this.#count === 0) {
      this.#timer?.timer.cancel();
      this.#timer = undefined;
    }
  }

  #arm(bucket: number): void {
    this.#timer?.timer.cancel();
    const timer = this.#clock.after(bucket * BUCKET_MS - this.#clock.monotonic(), () => this.#ring());
    this.#timer = { bucket, timer };
  }

  #ring(): void {
    this.#timer = undefined;
    const reached = bucketOf(this.#clock.monotonic() + 0.5);
    let nearest = Number.POSITIVE_INFINITY;
    for (const [bucket, waiters] of this.#byBucket) {
      if (bucket > reached) nearest = Math.min(nearest, bucket);
      else for (const waiter of waiters) this.forget(waiter);
    }
    if (nearest < Number.POSITIVE_INFINITY) this.#arm(nearest);
  }
}

/** The end of a waiter's wait. */
export interface Release {
  /** `told`: by a hint about an end or a removal, which may be false. `over`: the wait is over. */
  readonly how: "told" | "over";
  /** The operation after its end, if the hint has it. */
  readonly ended?: Operation | undefined;
}

const OVER: Release = { how: "over" };

/** A waiter's place. */
export interface Ticket {
  /** Resolves when the operation has ended, or when it is time to read it again. Never rejects. */
  readonly released: Promise<Release>;
  /** Leaves the place. */
  leave(): void;
}

/** The caller of a wait. */
interface WaitingCaller {
  readonly signal?: AbortSource | undefined;
  readonly connection?: object | undefined;
}

/**
 * Coarse enough that ten thousand waiters share a few thousand buckets, fine enough for callers.
 */
const BUCKET_MS = 10;

/** One waiting caller. It is also its own ticket, to save an object per waiter. */
class Waiter implements Ticket {
  readonly id: string;
  readonly bucket: number;
  readonly connection: object | undefined;
  readonly released: Promise<Release>;
  readonly #waiters: Waiters;
  readonly #signal: AbortSource | undefined;
  #resolve: (release: Release) => void = () => undefined;
  #onAbort: (() => void) | undefined;

  constructor(waiters: Waiters, caller: WaitingCaller & { readonly id: string; readonly bucket: number }) {
    this.id = caller.id;
    this.bucket = caller.bucket;
    this.connection = caller.connection;
    this.#waiters = waiters;
    this.#signal = caller.signal;
    this.released = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Releases the waiter when the caller hangs up. */
  hear(): void {
    if (this.#signal === undefined) return;
    this.#onAbort = () => this.leave();
    this.#signal.addEventListener("abort", this.#onAbort);
  }

  leave(): void {
    this.#waiters.forget(this);
  }

  release(release: Release): void {
    if (this.#onAbort !== undefined) this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#resolve(release);
  }
}

function bucketOf(monotonicMs: number): number {
  return Math.floor(monotonicMs / BUCKET_MS);
}

function add<Key>(map: Map<Key, Bag<Waiter>>, key: Key, waiter: Waiter, index: symbol): void {
  const waiters = map.get(key);
  if (waiters === undefined) map.set(key, new Bag(index, waiter));
  else waiters.add(waiter);
}

function remove<Key>(map: Map<Key, Bag<Waiter>>, key: Key, waiter: Waiter): boolean {
  const waiters = map.get(key);
  if (waiters?.delete(waiter) !== true) return false;
  if (waiters.size === 0) map.delete(key);
  return true;
}
