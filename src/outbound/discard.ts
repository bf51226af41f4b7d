import type { IncomingMessage } from "node:http";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";

/**
 * Reads a short unneeded body, so that its connection can be reused; a long or slow body closes the
 * connection.
 */
export function discardBody(response: IncomingMessage, clock: Clock): void {
  const cut = clock.after(LIMITS.outboundDiscardMsMax, () => response.destroy());
  response.once("close", () => cut.cancel());
  let bytes = 0;
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.outboundDiscardBytesMax) response.destroy();
  });
  response.on("error", () => response.destroy());
}
