import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { systemClock } from "../../core/ports/clock.ts";
import { heapBytesMax, Room } from "./room.ts";

/**
 * The room for the pages of lists of this process. A page takes room for the largest page before
 * its records are read, and gives it back when its answer has been made. A page never waits for
 * room while it has some, and nothing that has this room waits for the room of bodies; so a batch
 * whose body has room may wait for its pages.
 *
 * @see docs/decisions/0082-pages-read-what-they-show.md
 */
export function pageRoomOfProcess(): Room {
  return (ofProcess ??= new Room(systemClock, pageRoomBytesMax(heapBytesMax()), tooManyPages));
}

let ofProcess: Room | undefined;

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
