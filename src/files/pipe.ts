import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import { stayAlive } from "../core/ports/stay-alive.ts";

/** A pipe that the process inherited: it had a writer before, even if that has ended. */
const INHERITED = /^\/(?:dev\/(?:fd\/|stdin$)|proc\/)/;

/** Options for reading a pipe. */
export interface PipeOptions {
  readonly bytesMax: number;
  readonly clock: Clock;
  /** Whether it is a FIFO, which has no end before it had a writer. A device needs none. */
  readonly needsWriter: boolean;
}

/**
 * Reads a FIFO, a pipe such as the shell's `<(command)`, or a terminal, until its last writer
 * closes it. It waits without a limit for a writer that is slow, and for the first writer of a FIFO
 * `LIMITS.fifoOtherEndMsMax`. At most one byte more than `bytesMax` is read.
 *
 * No thread waits in the system: a process cannot end before a thread that waits for a writer.
 *
 * @throws {Error} if no program opens the FIFO for writing; of the system if it cannot be read
 */
export async function readPipe(
  path: string,
  { bytesMax, clock, needsWriter }: PipeOptions,
): Promise<Uint8Array> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const release = stayAlive();
  try {
    const end = clock.monotonic() + LIMITS.fifoOtherEndMsMax;
    let hasWriter = !needsWriter || INHERITED.test(path);
    const chunks: Uint8Array[] = [];
    let left = bytesMax + 1;
    while (left > 0) {
      const chunk = await readNow(file, Math.min(left, CHUNK_BYTES));
      if (chunk?.length === 0 && hasWriter) break;
      if (chunk?.length !== 0) hasWriter = true;
      if (!hasWriter && clock.monotonic() >= end) throw new Error(NO_WRITER);
      if (chunk === undefined || chunk.length === 0) await pause(clock);
      else chunks.push(chunk);
      left -= chunk?.length ?? 0;
    }
    return Buffer.concat(chunks);
  } finally {
    release();
    await file.close();
  }
}

/** The capacity of a pipe on Linux. */
const CHUNK_BYTES = 65_536;

const NO_WRITER = `it is a FIFO, and no program opened it for writing within ${LIMITS.fifoOtherEndMsMax / 1_000} seconds`;

/** The next bytes; none without a writer, undefined if the writers have not written any. */
async function readNow(file: FileHandle, bytesMax: number): Promise<Uint8Array | undefined> {
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytesMax), 0, bytesMax, null);
    return buffer.subarray(0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EAGAIN") return undefined;
    throw error;
  }
}

/** Waits until it is time to ask the system again. */
export function pause(clock: Clock): Promise<void> {
  return new Promise((resolve) => void clock.after(LIMITS.fifoPauseMs, resolve));
}
