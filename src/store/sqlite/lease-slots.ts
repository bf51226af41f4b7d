import { invariant } from "../../core/invariant.ts";

/**
 * What two threads know of each kept lease: memory that both see, so that neither has to read its messages.
 *
 * A lease has a slot of two words: its state and the start of its last renewal (nanoseconds of `processTime`, which
 * all threads share). The owner takes a slot (FREE → KEPT) and lets it go (KEPT → RELEASED); the writer's
 * thread alone ends it (RELEASED → FREE) once it has forgotten the lease. A slot is therefore never taken for another
 * lease while a renewal of the one before may still be told in it.
 */
export class LeaseSlots {
  readonly buffer: SharedArrayBuffer;
  readonly #words: BigInt64Array<SharedArrayBuffer>;
  /** Slots let go, the oldest first. Of use to the owner only, as are the next two. */
  readonly #released: number[] = [];
  #count = 0;

  constructor(
    buffer: SharedArrayBuffer = new SharedArrayBuffer(FIRST * SLOT_BYTES, {
      maxByteLength: MOST * SLOT_BYTES,
    }),
  ) {
    this.buffer = buffer;
    // Without a length the view grows with the buffer.
    this.#words = new BigInt64Array(buffer);
  }

  /** Owner: a slot for a lease that has not been renewed yet. */
  take(): number {
    const oldest = this.#released[0];
    const reuse = oldest !== undefined && this.#state(oldest) === FREE;
    const slot = reuse ? oldest : this.#count++;
    if (reuse) this.#released.shift();
    else this.#grow();
    Atomics.store(this.#words, slot * 2 + 1, 0n);
    Atomics.store(this.#words, slot * 2, KEPT);
    return slot;
  }

  /** Owner: the lease is not to be renewed any more. */
  release(slot: number): void {
    Atomics.store(this.#words, slot * 2, RELEASED);
    this.#released.push(slot);
  }

  /** Owner: when the last renewal began; undefined before the first. */
  renewedAt(slot: number): bigint | undefined {
    const at = Atomics.load(this.#words, slot * 2 + 1);
    return at === 0n ? undefined : at;
  }

  /** Thread: tells of a renewal. */
  renewed(slot: number, at: bigint): void {
    Atomics.store(this.#words, slot * 2 + 1, at);
  }

  /** Thread: whether the owner let the slot go. */
  isReleased(slot: number): boolean {
    return this.#state(slot) === RELEASED;
  }

  /** Thread: has forgotten the lease. */
  free(slot: number): void {
    Atomics.store(this.#words, slot * 2, FREE);
  }

  #state(slot: number): bigint {
    return Atomics.load(this.#words, slot * 2);
  }

  #grow(): void {
    if (this.#count * SLOT_BYTES <= this.buffer.byteLength) return;
    invariant(this.#count <= MOST, `a process keeps ${MOST} leases at most`);
    this.buffer.grow(Math.min(this.buffer.byteLength * 2, MOST * SLOT_BYTES));
  }
}

const FREE = 0n;
const KEPT = 1n;
const RELEASED = 2n;
/** Two words of eight bytes. */
const SLOT_BYTES = 16;
/** Slots to begin with, and at most: only addresses are reserved for the latter, 16 MB of them. */
const FIRST = 256;
const MOST = 1_048_576;
