import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { heapBytesMax, Room } from "./room.ts";

/**
 * The room for the large bodies of all requests to this process. A body takes room for its whole
 * length before it is read, and gives the room back when its call is answered or only waits for an
 * operation. A body without room is not read, so its sender is slowed down. A body never waits for
 * room while it has some, so bodies cannot block each other.
 *
 * The room depends on the limit of the heap: a call needs some times the length of its body while
 * it is parsed and stored.
 */
export function bodyRoomOfProcess(): Room {
  return (ofProcess ??= new Room(systemClock, bodyRoomBytes(heapBytesMax()), tooManyBodies));
}

let ofProcess: Room | undefined;

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

/** The error of a body that waited too long. */
export function tooManyBodies(): Error {
  return serviceError(
    "TOO_MANY_BODIES",
    "The large bodies of other requests take all the memory for bodies. Nothing was done. Try again.",
  );
}
