import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Recent } from "../../core/value/recent.ts";

/**
 * Memory that calls share. A call takes room before it needs the memory, and gives the room back
 * afterwards. Calls without room wait, in the order in which they asked.
 */
export class Room {
  readonly #clock: Pick<Clock, "after">;
  readonly #bytesMax: number;
  readonly #refusal: () => Error;
  readonly #waiting = new Recent<() => void, number>();
  #bytes = 0;

  /** @param refusal the error of a call that waited too long */
  constructor(clock: Pick<Clock, "after">, bytesMax: number, refusal: () => Error) {
    this.#clock = clock;
    this.#bytesMax = bytesMax;
    this.#refusal = refusal;
  }

  /** The number of calls that wait for room. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Whether no call has room or waits for it. */
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
   * Calls `begin` with room as soon as there is enough, or with an error.
   *
   * @returns ends the waiting; then `begin` is not called
   */
  wait(bytes: number, begin: (error?: Error) => void): () => void {
    const timer = this.#clock.after(LIMITS.bodyRoomWaitMs, () => {
      leave();
      begin(this.#refusal());
    });
    const waiting = (): void => {
      timer.cancel();
      begin();
    };
    const leave = (): void => {
      timer.cancel();
      // The first call may have been the only one without enough room.
      if (this.#waiting.delete(waiting)) this.#goOn();
    };
    this.#waiting.set(waiting, bytes);
    return leave;
  }

  /** Gives room back. */
  give(bytes: number): void {
    this.#bytes -= bytes;
    this.#goOn();
  }

  /** A call that needs more than all the room gets it for itself. */
  #fits(bytes: number): boolean {
    return this.#bytes === 0 || this.#bytes + bytes <= this.#bytesMax;
  }

  #goOn(): void {
    for (let next = this.#waiting.oldest; next !== undefined; next = this.#waiting.oldest) {
      const { key: begin, value: bytes } = next;
      if (!this.#fits(bytes)) return;
      this.#waiting.delete(begin);
      this.#bytes += bytes;
      begin();
    }
  }
}

/** The room that one call has. */
export class Hold {
  readonly #room: Room;
  #bytes = 0;
  #leave: (() => void) | undefined;

  constructor(room: Room) {
    this.#room = room;
  }

  /**
   * Takes room. Without a promise if it is little, or if there is room now.
   *
   * @throws {StatusError} the refusal of the room, if there is none for
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
      reject(serviceError("CALLER_GONE", "The caller disconnected before there was memory for its call."));
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

/** The limit of the heap of this process. */
export function heapBytesMax(): number {
  return process.getBuiltinModule("node:v8").getHeapStatistics().heap_size_limit;
}
