import { invariant } from "../../core/invariant.ts";
import type { RenewableLease } from "../../core/ports/lease-keeper.ts";

/** A lease, its length, and the time of its first renewal on the clock that threads share. */
export interface TableLease extends RenewableLease {
  readonly leaseMs: number;
  readonly dueAt: number;
}

/**
 * The leases of a process, in memory shared by two threads. The *owner* writes; the *reader*
 * regularly reads all of them. Neither waits for the other, and no messages are needed.
 *
 * Each lease has a slot, and further slots if its texts are long: each slot has the number of the
 * next one. The version of a slot is odd while it is the first slot of a lease, and changes
 * whenever that lease is added or dropped. The owner writes the slots of a lease while the version
 * of the first one is even. The reader skips a lease whose version changed while it was read, and
 * sees it the next time.
 *
 * Memory order: the words other than versions are read and written without atomics, and versions
 * keep them in place.
 * - The owner adds a lease with `Atomics.add` after it has written all slots of the lease. So a
 *   reader that loads the odd version sees all of them, and the buffer that grew for them.
 * - The owner drops a lease with `Atomics.add` before any of its slots is free. It loads a version
 *   before it writes to free slots, since a processor may perform plain writes before an earlier
 *   atomic one, but not before a load that follows it.
 * - The reader compares the version with `Atomics.add` of 0 after reading: it writes the version,
 *   and a processor performs earlier reads before that write, but maybe after an atomic load.
 */
export class LeaseTable {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #times: Float64Array<SharedArrayBuffer>;
  readonly #units: Uint16Array<SharedArrayBuffer>;
  /** Used by the owner only, like the next field: slots below `#end` without a lease. */
  readonly #free: number[] = [];
  #end = 0;

  constructor(buffer = new SharedArrayBuffer(FIRST * SLOT_BYTES, { maxByteLength: MOST * SLOT_BYTES })) {
    this.buffer = buffer;
    // Views without a length grow with the buffer.
    this.#words = new Int32Array(buffer);
    this.#times = new Float64Array(buffer);
    this.#units = new Uint16Array(buffer);
  }

  /** Owner: adds a lease. @returns its first slot */
  take({ id, attempt, name = "", token = "", leaseMs, dueAt }: TableLease): number {
    const slot = this.#slot();
    const at = slot * SLOT_WORDS;
    this.#words[at + ATTEMPT] = attempt;
    this.#words[at + LEASE_MS] = leaseMs;
    this.#words[at + ID_LENGTH] = id.length;
    this.#words[at + NAME_LENGTH] = name.length;
    this.#words[at + TOKEN_LENGTH] = token.length;
    this.#times[slot * SLOT_TIMES + DUE_AT] = dueAt;
    this.#write(slot, id + name + token);
    Atomics.add(this.#words, at, 1);
    return slot;
  }

  /** Owner: drops a lease. @param slot its first slot */
  release(slot: number): void {
    const at = slot * SLOT_WORDS;
    invariant(isOdd(Atomics.load(this.#words, at)), "a lease is let go once");
    Atomics.add(this.#words, at, 1);
    const length = this.#lengthsAt(at).reduce((sum, each) => sum + each);
    for (let each = slot, from = 0; from === 0 || from < length; from += UNITS) {
      this.#free.push(each);
      each = this.#next(each);
    }
  }

  /** Reader: the current leases. A lease that is being added or dropped may be missing. */
  read(): readonly TableLease[] {
    const leases: TableLease[] = [];
    for (let slot = 0; slot * SLOT_WORDS < this.#words.length; slot++) {
      const at = slot * SLOT_WORDS;
      const version = Atomics.load(this.#words, at);
      if (!isOdd(version)) continue;
      const lease = this.#leaseIn(slot);
      if (Atomics.add(this.#words, at, 0) === version) leases.push(lease);
    }
    return leases;
  }

  #leaseIn(slot: number): TableLease {
    const at = slot * SLOT_WORDS;
    const [ofId, ofName, ofToken] = this.#lengthsAt(at);
    const text = this.#text(slot, ofId + ofName + ofToken);
    const presented = { name: text.slice(ofId, ofId + ofName), token: text.slice(ofId + ofName) };
    return {
      id: text.slice(0, ofId),
      attempt: this.#words[at + ATTEMPT] ?? 0,
      ...(ofName === 0 ? {} : presented),
      leaseMs: this.#words[at + LEASE_MS] ?? 0,
      dueAt: this.#times[slot * SLOT_TIMES + DUE_AT] ?? 0,
    };
  }

  #lengthsAt(at: number): readonly [id: number, name: number, token: number] {
    const words = this.#words;
    return [words[at + ID_LENGTH] ?? 0, words[at + NAME_LENGTH] ?? 0, words[at + TOKEN_LENGTH] ?? 0];
  }

  /** Writes the text into a slot, and into further ones as it needs. */
  #write(first: number, text: string): void {
    for (let slot = first, from = 0; ; from += UNITS) {
      const start = slot * SLOT_UNITS + TEXT - from;
      const end = Math.min(from + UNITS, text.length);
      for (let index = from; index < end; index++) this.#units[start + index] = text.charCodeAt(index);
      if (end === text.length) return;
      const next = this.#slot();
      this.#words[slot * SLOT_WORDS + NEXT] = next;
      slot = next;
    }
  }

  #text(first: number, length: number): string {
    let text = "";
    for (let slot = first, from = 0; from < length; from += UNITS) {
      const start = slot * SLOT_UNITS + TEXT;
      text += String.fromCharCode(...this.#units.subarray(start, start + Math.min(UNITS, length - from)));
      slot = this.#next(slot);
    }
    return text;
  }

  #next(slot: number): number {
    return this.#words[slot * SLOT_WORDS + NEXT] ?? 0;
  }

  /** @returns a slot to write to */
  #slot(): number {
    const slot = this.#free.pop() ?? this.#grow();
    invariant(!isOdd(Atomics.load(this.#words, slot * SLOT_WORDS)), "a free slot has no lease");
    return slot;
  }

  /** @returns a new slot */
  #grow(): number {
    const slot = this.#end++;
    invariant(slot < MOST, `the leases of a process fit into ${MOST} slots`);
    const { byteLength } = this.buffer;
    if (slot * SLOT_BYTES === byteLength) this.buffer.grow(Math.min(byteLength * 2, MOST * SLOT_BYTES));
    return slot;
  }
}

/** A slot is two cache lines: its words and times, then its part of the texts. */
const SLOT_BYTES = 128;
const SLOT_WORDS = SLOT_BYTES / Int32Array.BYTES_PER_ELEMENT;
const SLOT_TIMES = SLOT_BYTES / Float64Array.BYTES_PER_ELEMENT;
const SLOT_UNITS = SLOT_BYTES / Uint16Array.BYTES_PER_ELEMENT;
/** Words of a slot. The first one is its version. */
const NEXT = 1;
const ATTEMPT = 2;
const LEASE_MS = 3;
const ID_LENGTH = 4;
const NAME_LENGTH = 5;
const TOKEN_LENGTH = 6;
/** The place of the time, in times: after the words. */
const DUE_AT = 4;
/** The place and the number of the code units of the texts in a slot: an id needs one slot. */
const TEXT = 20;
const UNITS = SLOT_UNITS - TEXT;
/** The initial and the largest number of slots; the largest one only reserves addresses, 128 MB. */
const FIRST = 256;
const MOST = 1_048_576;

function isOdd(version: number): boolean {
  return (version & 1) === 1;
}
