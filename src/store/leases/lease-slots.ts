import { isId } from "../../core/operation/id.ts";
import { invariant } from "../../core/invariant.ts";
import type { Lease } from "../../core/ports/store.ts";
import { readId, writeId } from "./id-words.ts";

/** A lease as it stands in its slot. */
export interface SlotLease {
  readonly lease: Lease;
  readonly leaseMs: number;
  /** `processTime` at which it was kept. */
  readonly keptAt: bigint;
}

/**
 * What two threads know of each kept lease: memory that both see, so that neither has to read the other's messages.
 *
 * Words: the *owner* keeps leases and lets them go; the *thread* renews them. A lease has a slot, whose state is one of
 *
 * - FREE: nobody's. The owner takes it for a lease (→ KEPT).
 * - KEPT: the thread has not seen the lease yet. The owner ends it (→ FREE), or the thread adopts it (→ ADOPTED). Both may
 *   try at once, so both compare and exchange, and one of them learns that the other was first.
 * - ADOPTED: the thread renews it, until the owner lets it go (→ RELEASED).
 * - RELEASED: the thread alone ends it (→ FREE), once it has forgotten the lease.
 *
 * Most leases are let go before the thread has seen them: their slots are free again at once.
 *
 * Memory order: `Atomics` read and write the state and the start of the last renewal; id, attempt, length and the instant at
 * which the lease was kept are plain. The owner writes these while the slot is FREE, and KEPT after them. The thread reads them
 * only after it has turned that KEPT into ADOPTED, and until the thread has said FREE, and the owner has read it, the owner does
 * not write them again. So the thread sees a lease as a whole, never halves of two. The start of the last renewal is read by the
 * owner at any time. The thread writes it between its ADOPTED and its FREE only, and the owner resets it before KEPT: a
 * renewal that was under way when its lease was let go is never told of the lease that has the slot next.
 *
 * Before the slots stand two words. `end` is written by the owner, before the slot below it becomes KEPT and after the memory
 * has grown; no slot from there on is in use. A thread that reads it too early sees the new lease in its next scan. The number of
 * scans is written by the thread, after what the scan has freed: the owner looks for slots freed only when it has changed.
 *
 * If the thread dies, slots that it adopted are not free again; those of other leases are used on.
 */
export class LeaseSlots {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #numbers: Float64Array<SharedArrayBuffer>;
  readonly #times: BigInt64Array<SharedArrayBuffer>;
  /** Slots below `end` that are FREE, the one freed last on top. Of use to the owner only, as are the next three. */
  #free: number[] = [];
  /** Slots that the thread has not been seen to free yet. */
  #released: number[] = [];
  /** Slots below `end` that are not in `#free`. */
  #taken = 0;
  #scansSeen = 0;

  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer(bytesOf(FIRST), { maxByteLength: bytesOf(MOST) }),
  ) {
    this.buffer = buffer;
    // Without a length the views grow with the buffer.
    this.#words = new Int32Array(buffer);
    this.#numbers = new Float64Array(buffer);
    this.#times = new BigInt64Array(buffer);
  }

  /** No slot from here on is in use. */
  get end(): number {
    return Atomics.load(this.#words, END);
  }

  /** Owner: a slot for a lease that has not been renewed yet. @param keptAt `processTime` from which its renewals count */
  take({ id, attempt }: Lease, leaseMs: number, keptAt: bigint): number {
    invariant(isId(id), "the id of a lease is a UUID");
    this.#collect();
    const slot = this.#free.pop() ?? this.#grow();
    this.#taken++;
    writeId(this.#words, wordOf(slot) + ID, id);
    this.#numbers[longWordOf(slot) + ATTEMPT] = attempt;
    this.#numbers[longWordOf(slot) + LEASE_MS] = leaseMs;
    this.#times[longWordOf(slot) + KEPT_AT] = keptAt;
    Atomics.store(this.#times, longWordOf(slot) + RENEWED_AT, 0n);
    Atomics.store(this.#words, wordOf(slot), KEPT);
    return slot;
  }

  /** Owner: the lease is not to be renewed any more. */
  release(slot: number): void {
    const state = Atomics.compareExchange(this.#words, wordOf(slot), KEPT, FREE);
    if (state === KEPT) {
      this.#giveBack(slot);
      return;
    }
    invariant(state === ADOPTED, "a slot is let go once");
    Atomics.store(this.#words, wordOf(slot), RELEASED);
    this.#released.push(slot);
  }

  /** Owner: when the last renewal began; undefined before the first. */
  renewedAt(slot: number): bigint | undefined {
    const at = Atomics.load(this.#times, longWordOf(slot) + RENEWED_AT);
    return at === 0n ? undefined : at;
  }

  /** Thread: the lease of a slot that is KEPT, to be renewed from now on; undefined for any other slot. */
  adopt(slot: number): SlotLease | undefined {
    // Read first: an exchange that fails would take the memory from the owner's processor.
    if (this.#state(slot) !== KEPT) return undefined;
    if (Atomics.compareExchange(this.#words, wordOf(slot), KEPT, ADOPTED) !== KEPT) return undefined;
    return {
      lease: {
        id: readId(this.#words, wordOf(slot) + ID),
        attempt: this.#numbers[longWordOf(slot) + ATTEMPT] ?? 0,
      },
      leaseMs: this.#numbers[longWordOf(slot) + LEASE_MS] ?? 0,
      keptAt: this.#times[longWordOf(slot) + KEPT_AT] ?? 0n,
    };
  }

  /** Thread: tells of a renewal. */
  renewed(slot: number, at: bigint): void {
    Atomics.store(this.#times, longWordOf(slot) + RENEWED_AT, at);
  }

  /** Thread: whether the owner let the slot go. */
  isReleased(slot: number): boolean {
    return this.#state(slot) === RELEASED;
  }

  /** Thread: has forgotten the lease. */
  free(slot: number): void {
    Atomics.store(this.#words, wordOf(slot), FREE);
  }

  /** Thread: has looked at every slot once more. */
  scanned(): void {
    Atomics.add(this.#words, SCANS, 1);
  }

  #state(slot: number): number {
    return Atomics.load(this.#words, wordOf(slot));
  }

  /** Takes back what the thread has freed. */
  #collect(): void {
    const scans = Atomics.load(this.#words, SCANS);
    if (scans === this.#scansSeen) return;
    this.#scansSeen = scans;
    const released = this.#released;
    this.#released = [];
    for (const slot of released) {
      if (this.#state(slot) === FREE) this.#giveBack(slot);
      else this.#released.push(slot);
    }
  }

  /** Begins from the first slot again when none is in use: scans are short in a process that is idle. */
  #giveBack(slot: number): void {
    this.#free.push(slot);
    if (--this.#taken > 0) return;
    this.#free = [];
    Atomics.store(this.#words, END, 0);
  }

  /** @returns a slot that is new */
  #grow(): number {
    const slot = this.end;
    invariant(slot < MOST, `a process keeps ${MOST} leases at most`);
    if (bytesOf(slot + 1) > this.buffer.byteLength) this.buffer.grow(bytesOf(Math.min(slot * 2, MOST)));
    Atomics.store(this.#words, END, slot + 1);
    return slot;
  }
}

/** Zero, as all memory is at first. */
const FREE = 0;
const KEPT = 1;
const ADOPTED = 2;
const RELEASED = 3;

/** A slot, and what stands before the first, take 64 bytes each: as much as processors pass to each other at once. */
const SLOT_BYTES = 64;
/** Words of four bytes before the first slot. */
const END = 0;
const SCANS = 1;
/** Words of four bytes in a slot, of which the first is the state. */
const ID = 2;
/** Words of eight bytes in a slot. */
const ATTEMPT = 3;
const LEASE_MS = 4;
const KEPT_AT = 5;
const RENEWED_AT = 6;
/** Slots to begin with, and at most: only addresses are reserved for the latter, 64 MB of them. */
const FIRST = 256;
const MOST = 1_048_576;

function bytesOf(slots: number): number {
  return (slots + 1) * SLOT_BYTES;
}

/** Where a slot begins, in words of four bytes. */
function wordOf(slot: number): number {
  return ((slot + 1) * SLOT_BYTES) / 4;
}

/** Where a slot begins, in words of eight bytes. */
function longWordOf(slot: number): number {
  return ((slot + 1) * SLOT_BYTES) / 8;
}
