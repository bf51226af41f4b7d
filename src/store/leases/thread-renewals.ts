import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { LIMITS } from "../../core/limits.ts";
import { type Clock, systemClock, type Timer } from "../../core/ports/clock.ts";
import type { Lease, RenewableLease } from "../../core/ports/lease-keeper.ts";
import { keyOf, renewalMs } from "./lease-book.ts";
import { LeaseTable, type TableLease } from "./lease-table.ts";
import { type LeaseRenewals, type Renew, Renewals, type Round } from "./renewals.ts";

/**
 * The thread reads the table twelve times per shortest lease, or more often, so it sees each lease
 * long before a third of it has passed.
 */
const SCAN_FRACTION = 12;

/** The start data of the thread. */
export interface LeaseLink {
  /**
   * From the main thread: read the table now, and then at this interval, in milliseconds. From the
   * thread: rounds of renewals.
   */
  readonly port: MessagePort;
  /** The buffer of a {@link LeaseTable}. */
  readonly leases: SharedArrayBuffer;
}

/**
 * Renewals in a separate thread, which continue while the event loop is blocked. This is the main
 * thread's side.
 *
 * The thread finds the leases in shared memory. It never sees most of them, because they end before
 * it looks. It is woken for a lease that must be renewed before it looks the next time. Rounds come
 * as messages; {@link catchUp} reads those that a blocked event loop has not read yet.
 *
 * If the thread dies, renewals stop; attempts then stop in time, because they rely only on
 * completed renewals.
 */
export class ThreadRenewals implements LeaseRenewals {
  readonly #port: MessagePort;
  readonly #table: LeaseTable;
  readonly #clock: Clock;
  readonly #hear: (round: Round) => void;
  readonly #slots = new Map<string, number>();
  /**
   * The difference from this thread's monotonic clock to the one that threads share. It may be too
   * large but not too small, so that renewals look older, never newer.
   */
  readonly #offsetMs: number;
  /** The thread reads the table at this interval; at first not at all. */
  #lookMs = Number.POSITIVE_INFINITY;

  constructor(parts: {
    readonly port: MessagePort;
    readonly table: LeaseTable;
    readonly clock: Clock;
    /** Called with each round. */
    readonly hear: (round: Round) => void;
  }) {
    const ownMs = parts.clock.monotonic();
    this.#offsetMs = processMs() - ownMs;
    this.#port = parts.port;
    this.#table = parts.table;
    this.#clock = parts.clock;
    this.#hear = ({ startedAt, ...round }) => parts.hear({ ...round, startedAt: startedAt - this.#offsetMs });
    this.#port.on("message", this.#hear);
    this.#port.unref();
  }

  keep(lease: RenewableLease, leaseMs: number, leftMs = leaseMs): void {
    const key = keyOf(lease);
    this.#release(key);
    const firstMs = renewalMs(leaseMs, leftMs);
    const dueAt = this.#clock.monotonic() + this.#offsetMs + firstMs;
    this.#slots.set(key, this.#table.take({ ...lease, leaseMs, dueAt }));
    const lookMs = Math.min(this.#lookMs, leaseMs / SCAN_FRACTION, LIMITS.leaseLookMsMax);
    if (lookMs === this.#lookMs && firstMs > lookMs) return;
    this.#lookMs = lookMs;
    const port = this.#port;
    port.postMessage(lookMs);
  }

  letGo(lease: Lease): void {
    this.#release(keyOf(lease));
  }

  catchUp(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#hear(received.message as Round);
    }
  }

  stop(): void {
    this.#port.close();
  }

  #release(key: string): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#table.release(slot);
  }
}

/** The thread's side. @returns a function that stops all renewals */
export function renewLeases({ port, leases }: LeaseLink, renew: Renew): () => void {
  // Reading the clocks in this order makes the difference too small rather than too large, so that
  // renewals look older.
  const sharedMs = processMs();
  const offsetMs = sharedMs - systemClock.monotonic();
  const table = new LeaseTable(leases);
  const renewals = new Renewals({
    clock: systemClock,
    renew,
    hear: (round) => port.postMessage({ ...round, startedAt: round.startedAt + offsetMs }),
  });
  let known = new Map<string, TableLease>();
  let timer: Timer | undefined;
  const scan = (everyMs: number): void => {
    timer?.cancel();
    const found = new Map(table.read().map((lease) => [keyOf(lease), lease]));
    for (const [key, lease] of known) if (!found.has(key)) renewals.letGo(lease);
    for (const [key, { leaseMs, dueAt, ...lease }] of found)
      if (!known.has(key)) renewals.keepFrom(dueAt - offsetMs, lease, leaseMs);
    known = found;
    timer = systemClock.after(everyMs, () => scan(everyMs));
  };
  port.on("message", scan);
  return () => {
    timer?.cancel();
    renewals.stop();
  };
}

/**
 * Milliseconds on the monotonic clock that all threads of a process share. `Clock.monotonic` counts
 * from the start of its own thread, so its values cannot be compared across threads.
 */
export function processMs(): number {
  // oxlint-disable-next-line no-restricted-properties -- a question between two threads; a test's clock is in one
  return Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS;
}

const NANOSECONDS_PER_MS = 1e6;
