import { readFileSync } from "node:fs";

/**
 * Imported before a server (`node --import`): shifts its wall clock in each of its threads, by
 * `FAULTS_CLOCK_SHIFT_MS` milliseconds, or by the number in the file `FAULTS_CLOCK_FILE`, which may
 * change while the server runs. The monotonic clock is unchanged, as on a machine whose
 * administrator set the time, or that slept.
 */
const file = process.env["FAULTS_CLOCK_FILE"] ?? "";
/** The interval at which the file is read. */
const READ_MS = 20;
const RealDate = Date;

let shiftMs = Number(process.env["FAULTS_CLOCK_SHIFT_MS"] ?? 0);
let readAt = Number.NEGATIVE_INFINITY;

function shift(): number {
  const now = performance.now();
  if (file === "" || now - readAt < READ_MS) return shiftMs;
  readAt = now;
  return (shiftMs = Number(readFileSync(file, "utf8")));
}

class ShiftedDate extends RealDate {
  constructor(...words: readonly unknown[]) {
    if (words.length === 0) super(RealDate.now() + shift());
    else super(...(words as [number]));
  }

  static override now(): number {
    return RealDate.now() + shift();
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
