import { open, stat } from "node:fs/promises";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { readPipe } from "./pipe.ts";

/**
 * Reads a file that people name. Of a file that is larger than allowed, it reads only one byte more
 * than `bytesMax`, so that a device or a wrong path cannot fill the memory.
 *
 * @param clock the time that a FIFO waits by. @default the machine's
 * @throws {Error} of the system if the file cannot be read; if no program writes to a FIFO
 */
export async function readBytes(
  path: string,
  bytesMax: number,
  clock: Clock = systemClock,
): Promise<Uint8Array> {
  const stats = await stat(path);
  // A terminal is a character device. Like a pipe, it may have no data yet.
  if (stats.isFIFO() || stats.isCharacterDevice())
    return readPipe(path, { bytesMax, clock, needsWriter: stats.isFIFO() });
  const file = await open(path);
  try {
    const chunks: Buffer[] = [];
    for await (const chunk of file.createReadStream({ end: bytesMax, autoClose: false }))
      chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  } finally {
    await file.close();
  }
}

/**
 * Reads a whole file that people name in a setting.
 *
 * @throws {Error} if the file is larger than `bytesMax`; of the system if it cannot be read
 */
export async function readWhole(path: string, bytesMax: number): Promise<Uint8Array> {
  const bytes = await readBytes(path, bytesMax);
  if (bytes.length > bytesMax) throw new Error(`it has more than ${bytesMax} bytes`);
  return bytes;
}
