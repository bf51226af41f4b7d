import type { IncomingMessage } from "node:http";

/** The part of a body that was read. */
export interface ReadBody {
  readonly bytes: Buffer;
  /**
   * Whether the body was longer than the limit. The rest was not read, and the connection is
   * closed.
   */
  readonly isCut: boolean;
}

/**
 * Reads a body, up to a limit in bytes.
 *
 * @throws the reason of the signal; the error of the network if the body is incomplete
 */
export async function readBody(
  response: IncomingMessage,
  bytesMax: number,
  signal: AbortSignal,
): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let length = 0;
  const abort = (): void => void response.destroy(signal.reason as Error);
  signal.addEventListener("abort", abort, { once: true });
  try {
    signal.throwIfAborted();
    // Leaving the loop closes the connection.
    for await (const chunk of response as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > bytesMax) return { bytes: Buffer.concat(chunks).subarray(0, bytesMax), isCut: true };
    }
    return { bytes: Buffer.concat(chunks), isCut: false };
  } catch (error) {
    response.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
