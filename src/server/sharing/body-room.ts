import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Clock, systemClock } from "../../core/ports/clock.ts";

/**
 * The memory for large bodies of requests. A body takes room for its whole length before it is
 * read, and gives the room back when its call is answered or only waits for an operation. A body
 * without room is not read, so its sender is slowed down. Bodies get room in the order of their
 * arrival. A body never waits for room while it has some, so bodies cannot block each other.
 */
export class BodyRoom {
  readonly #clock: Pick<Clock, "after">;
  readonly #bytesMax: number;
  readonly #refusal: () => Error;
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;

  /** @param refusal the error of a call that waited too long. @default TOO_MANY_BODIES */
  constructor(clock: Pick<Clock, "after">, bytesMax: number, refusal = tooManyBodies) {
    this.#clock = clock;
    this.#bytesMax = bytesMax;
    this.#refusal = refusal;
  }

  /** The number of bodies that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether no body has room or waits for it. */
  get isIdle(): boolean {
    return this.#bytes === 0 && this.#waiting.size === 0;
  }

  /** Takes room now, and returns whether there was enough. */
  take(bytes: number): boolean {
    if (this.#waiting.size > 0 || !this.#fits(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  /**
   * Calls `begin` with room for a body as soon as there is enough, or with an error.
   *
   * @returns ends the waiting; then `begin` is not called
   */
  wait(bytes: number, begin: (error?: Error) => void): () => void {
    const timer = this.#clock.after(LIMITS.bodyRoomWaitMs, () => {
      leave();
      begin(this.#refusal());
    });
    const waiting: Waiting = {
      bytes,
      begin: () => {
        timer.cancel();
        begin();
      },
    };
    const leave = (): void => {
      timer.cancel();
      // The first body may have been the only one without enough room.
      if (this.#waiting.delete(waiting)) this.#goOn();
    };
    this.#waiting.add(waiting);
    return leave;
  }

  /** Gives room back. */
  give(bytes: number): void {
    this.#bytes -= bytes;
    this.#goOn();
  }

  /** A body that is larger than all the room gets it for itself. */
  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bytesMax;
  }

  #goOn(): void {
    for (const waiting of this.#waiting) {
      if (!this.#fits(waiting.bytes)) return;
      this.#waiting.delete(waiting);
      this.#bytes += waiting.bytes;
      waiting.begin();
    }
  }
}

interface Waiting {
  readonly bytes: number;
  readonly begin: () => void;
}

/** The room that the body of one request has. */
export class BodyHold {
  readonly #room: BodyRoom;
  #bytes = 0;
  #leave: (() => void) | undefined;

  constructor(room: BodyRoom) {
    this.#room = room;
  }

  /**
   * Takes room for a body. Without a promise if the body is small, or if there is room now.
   *
   * @throws {StatusError} UNAVAILABLE TOO_MANY_BODIES, if there is no room for
   *   `LIMITS.bodyRoomWaitMs`; CANCELLED CALLER_GONE, if the hold ends before there is room
   */
  take(bytes: number): Promise<void> | undefined {
    // A server of the user may pass on a length that is not a number.
    if (!(bytes > LIMITS.smallBodyBytesMax)) return undefined;
    if (this.#room.take(bytes)) {
      this.#bytes += bytes;
      return undefined;
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = this.#room.wait(bytes, (error) => {
      this.#leave = undefined;
      if (error !== undefined) return reject(error);
      this.#bytes += bytes;
      resolve();
    });
    this.#leave = () => {
      leave();
      reject(serviceError("CALLER_GONE", "The caller disconnected before its request was read."));
    };
    return promise;
  }

  /** Gives back the room beyond the length of the body, which is known when it has been read. */
  keep(bytes: number): void {
    const kept = bytes <= LIMITS.smallBodyBytesMax ? 0 : bytes;
    if (kept >= this.#bytes) return;
    const left = this.#bytes - kept;
    this.#bytes = kept;
    this.#room.give(left);
  }

  /** Gives back all room, and waits for none. Harmless if repeated. */
  end(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.keep(0);
  }
}

/**
 * The room for all bodies of this process. It depends on the limit of the heap: a call needs some
 * times the length of its body while it is parsed and stored.
 */
export function bodyRoomOfProcess(): BodyRoom {
  return (ofProcess ??= new BodyRoom(systemClock, bodyRoomBytes(heapBytesMax())));
}

/** The limit of the heap of this process. */
export function heapBytesMax(): number {
  return process.getBuiltinModule("node:v8").getHeapStatistics().heap_size_limit;
}

let ofProcess: BodyRoom | undefined;

/** The room for bodies in a heap of this size: never less than two of the largest bodies. */
export function bodyRoomBytes(heapBytes: number): number {
  return Math.max(Math.floor(heapBytes * LIMITS.bodyRoomHeapPart), 2 * LIMITS.batchBytesMax);
}

/** The most bytes that gzip makes of one. @see RFC 1951, section 3.2.5: 258 bytes in two bits */
const GZIP_RATIO_MAX = 1_032;

/** The room that a body may need, compressed and decompressed. */
export function roomFor(length: number, isCompressed: boolean, bytesMax: number): number {
  return isCompressed ? length + Math.min(bytesMax, length * GZIP_RATIO_MAX) : length;
}

function tooManyBodies(): Error {
  return serviceError(
    "TOO_MANY_BODIES",
    "The large bodies of other requests take all the memory for bodies. Nothing was done. Try again.",
  );
}
