import type { IncomingMessage } from "node:http";

/** What was read of a body. */
export interface ReadBody {
  readonly bytes: Buffer;
  /** Whether there was more than was asked for. The rest was not read, and the connection is closed. */
  readonly isCut: boolean;
}

/**
 * Reads a body, up to so many bytes.
 *
 * @throws the reason of the signal; what the network throws where the body ends before its end
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
    // Leaving the loop ends the connection.
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
