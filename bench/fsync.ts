import { closeSync, fsyncSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { median } from "./measure.ts";

/** A page of SQLite and its header in the WAL. */
const FRAME = Buffer.alloc(4_096 + 24, 1);

/**
 * The time in which this disk makes one appended page durable: the median of 200, in milliseconds.
 */
export function fsyncMs(folder: string): number {
  const path = join(folder, "fsync");
  const file = openSync(path, "w");
  const times = Array.from({ length: 200 }, () => {
    writeSync(file, FRAME);
    const began = performance.now();
    fsyncSync(file);
    return performance.now() - began;
  });
  closeSync(file);
  rmSync(path);
  return median(times);
}
