import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { BodyRoom, heapBytesMax } from "./body-room.ts";

/**
 * The memory for pages of lists. A page takes room for the largest page before its records are
 * read, and gives it back when its answer has been made. Pages get room in the order of their
 * calls. A page never waits for room while it has some, and nothing that has this room waits for
 * the room of bodies; so a batch whose body has room may wait for its pages.
 *
 * @see docs/decisions/0080-bodies-wait-for-room.md
 */

/** The room for all pages of this process. */
export function pageRoomOfProcess(): BodyRoom {
  return (ofProcess ??= new BodyRoom(systemClock, pageRoomBytesMax(heapBytesMax()), tooManyPages));
}

let ofProcess: BodyRoom | undefined;

/** The room for pages in a heap of this size: never less than for two pages. */
export function pageRoomBytesMax(heapBytes: number): number {
  return Math.max(Math.floor(heapBytes * LIMITS.bodyRoomHeapPart), 2 * LIMITS.pageRoomBytes);
}

/** The error of a list that waited too long. */
export function tooManyPages(): Error {
  return serviceError(
    "TOO_MANY_PAGES",
    "The pages of other lists take all the memory for pages. Nothing was read. Try again.",
  );
}
