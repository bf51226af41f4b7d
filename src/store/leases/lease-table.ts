import { invariant } from "../../core/invariant.ts";
import { isId } from "../../core/operation/id.ts";
import type { Lease } from "../../core/ports/lease-keeper.ts";

/** A lease and its length. */
export interface TableLease extends Lease {
  readonly leaseMs: number;
}

/**
 * The leases of a process, in memory shared by two threads. The *owner* writes; the *reader*
 * regularly reads all of them. Neither waits for the other, and no messages are needed.
 *
 * Each lease has a slot. The version of a slot is odd while it holds a lease, and changes whenever
 * a lease is added or dropped. The owner writes a slot while its version is even. The reader skips
 * a slot whose version changed while it was read, and sees its lease the next time.
 *
 * Memory order: the owner changes the version with `Atomics.add`, and the reader compares it after
 * reading, so plain reads and writes of the other words stay between the two.
 */
export class LeaseTable {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #bytes: Uint8Array<SharedArrayBuffer>;
  /** Used by the owner only, like the next field: slots below `#end` without a lease. */
  readonly #free: number[] = [];
  #end = 0;

  constructor(buffer = new SharedArrayBuffer(FIRST * SLOT_BYTES, { maxByteLength: MOST * SLOT_BYTES })) {
    this.buffer = buffer;
    // Views without a length grow with the buffer.
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
  }

  /** Owner: adds a lease. @returns its slot */
  take({ id, attempt, leaseMs }: TableLease): number {
    invariant(isId(id), "the id of a lease is a UUID");
    const slot = this.#free.pop() ?? this.#grow();
    const at = slot * SLOT_WORDS;
    this.#words[at + ATTEMPT] = attempt;
    this.#words[at + LEASE_MS] = leaseMs;
    for (let index = 0; index < ID_BYTES; index++) {
      this.#bytes[slot * SLOT_BYTES + ID + index] = id.charCodeAt(index);
    }
    Atomics.add(this.#words, at, 1);
    return slot;
  }

  /** Owner: drops a lease. */
  release(slot: number): void {
    const version = Atomics.add(this.#words, slot * SLOT_WORDS, 1);
    invariant(isOdd(version), "a lease is let go once");
    this.#free.push(slot);
  }

  /** Reader: the current leases. A lease that is being added or dropped may be missing. */
  read(): readonly TableLease[] {
    const leases: TableLease[] = [];
    for (let at = 0; at < this.#words.length; at += SLOT_WORDS) {
      const version = Atomics.load(this.#words, at);
      if (!isOdd(version)) continue;
      const lease = this.#leaseAt(at);
      if (Atomics.add(this.#words, at, 0) === version) leases.push(lease);
    }
    return leases;
  }

  #leaseAt(at: number): TableLease {
    const idAt = (at / SLOT_WORDS) * SLOT_BYTES + ID;
    return {
      id: String.fromCharCode(...this.#bytes.subarray(idAt, idAt + ID_BYTES)),
      attempt: this.#words[at + ATTEMPT] ?? 0,
      leaseMs: this.#words[at + LEASE_MS] ?? 0,
    };
  }

  /** @returns a new slot */
  #grow(): number {
    const slot = this.#end++;
    invariant(slot < MOST, `a process keeps ${MOST} leases at most`);
    const { byteLength } = this.buffer;
    if (slot * SLOT_BYTES === byteLength) this.buffer.grow(Math.min(byteLength * 2, MOST * SLOT_BYTES));
    return slot;
  }
}

/** A slot is one cache line. Its first word is its version. */
const SLOT_BYTES = 64;
const SLOT_WORDS = SLOT_BYTES / 4;
/** Words of a slot. */
const ATTEMPT = 1;
const LEASE_MS = 2;
/** The offset of the id in a slot, in bytes. */
const ID = 12;
const ID_BYTES = 36;
/** The initial and the largest number of slots; the largest one only reserves addresses, 64 MB. */
const FIRST = 256;
const MOST = 1_048_576;

function isOdd(version: number): boolean {
  return (version & 1) === 1;
}
