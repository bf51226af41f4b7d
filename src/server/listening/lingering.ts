import type { ServerResponse } from "node:http";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";

/**
 * Lets a caller that still sends its body receive the answer. Node closes a connection after its
 * last answer without reading the rest of the body; the system then resets it, and the caller may
 * lose the answer.
 *
 * Call this for an answer that has ended. If its request has not arrived completely, a close of the
 * connection ends the writing side at once, and the rest of the body is read and discarded: until
 * its end, until the caller closes, or for `LIMITS.unreadBodyMs`.
 *
 * @see RFC 9112, section 9.6
 */
export function linger({ req: request }: ServerResponse, clock: Pick<Clock, "after">): void {
  const { socket } = request;
  if (request.complete || socket.destroyed) return;
  const closeSoon = socket.destroySoon.bind(socket);
  let isClosing = false;
  socket.destroySoon = () => {
    if (isClosing) return;
    isClosing = true;
    socket.end();
    const timer = clock.after(LIMITS.unreadBodyMs, () => socket.destroy());
    socket.once("close", () => timer.cancel());
  };
  request.once("end", () => {
    socket.destroySoon = closeSoon;
    if (isClosing) closeSoon();
  });
}
