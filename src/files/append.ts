import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";
import { stayAlive } from "../core/ports/stay-alive.ts";
import { pause } from "./pipe.ts";

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = constants;

/** Options for opening a file. */
export interface AppendOptions {
  /** The permissions of the file if it is created. */
  readonly mode: number;
  readonly clock: Clock;
}

/**
 * Opens a file to append to it, and creates it if there is none. A FIFO waits for the first reader
 * for `LIMITS.fifoOtherEndMsMax`.
 *
 * @throws {Error} if no program opens the FIFO for reading; of the system if it cannot be opened
 */
export function openToAppend(path: string, { mode, clock }: AppendOptions): Promise<FileHandle> {
  const attempt = async (): Promise<FileHandle | undefined> => {
    try {
      return await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NONBLOCK, mode);
    } catch (error) {
      const isAlone = codeOf(error) === "ENXIO" && (await stat(path)).isFIFO();
      if (isAlone) return undefined;
      throw error;
    }
  };
  const problem = `it is a FIFO, and no program opened it for reading within ${SECONDS} seconds`;
  return untilOtherEnd(attempt, { clock, problem });
}

/**
 * Appends text to a file of {@link openToAppend}. A full FIFO waits for its reader for
 * `LIMITS.fifoOtherEndMsMax`.
 *
 * @throws {Error} if the FIFO stays full; of the system. A part of the text may have been written
 */
export async function append(file: FileHandle, text: string, clock: Clock): Promise<void> {
  const problem = `its reader has taken nothing for ${SECONDS} seconds`;
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    const bytes = rest;
    const written = await untilOtherEnd(() => writtenNow(file, bytes), { clock, problem });
    rest = rest.subarray(written);
  }
}

/** The number of bytes that were written; undefined if there is no room. */
async function writtenNow(file: FileHandle, bytes: Buffer): Promise<number | undefined> {
  try {
    return (await file.write(bytes)).bytesWritten;
  } catch (error) {
    if (codeOf(error) === "EAGAIN") return undefined;
    throw error;
  }
}

/**
 * Repeats an attempt until it has a result, for at most `LIMITS.fifoOtherEndMsMax`. The attempt asks
 * the system for something that the program at the other end of a FIFO decides, and does not block:
 * a process cannot end before a thread that waits in the system.
 *
 * @throws {Error} with the problem if the time is over; an error of the attempt
 */
async function untilOtherEnd<Result>(
  attempt: () => Promise<Result | undefined>,
  { clock, problem }: { readonly clock: Clock; readonly problem: string },
): Promise<Result> {
  const first = await attempt();
  if (first !== undefined) return first;
  const release = stayAlive();
  try {
    const end = clock.monotonic() + LIMITS.fifoOtherEndMsMax;
    while (clock.monotonic() < end) {
      await pause(clock);
      const result = await attempt();
      if (result !== undefined) return result;
    }
    throw new Error(problem);
  } finally {
    release();
  }
}

const SECONDS = LIMITS.fifoOtherEndMsMax / 1_000;

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
