import { readFileSync } from "node:fs";

/**
 * Imported before a server (`node --import`), sets its clock off, in each of its threads: by `FAULTS_CLOCK_SHIFT_MS` milliseconds, or by
 * what the file `FAULTS_CLOCK_FILE` says, which may change while the server runs. The monotonic clock stays as it is, as on a
 * machine whose administrator has set the time, or one that slept.
 */
const file = process.env["FAULTS_CLOCK_FILE"] ?? "";
/** The file is read again after this long. */
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
