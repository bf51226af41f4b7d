/**
 * Imported before a server (`node --import`), sets its clock off: by `FAULTS_CLOCK_SHIFT_MS` milliseconds, in each of its
 * threads. The monotonic clock stays as it is, as on a machine whose administrator has set the time.
 */
const shiftMs = Number(process.env["FAULTS_CLOCK_SHIFT_MS"] ?? 0);
const RealDate = Date;

class ShiftedDate extends RealDate {
  constructor(...words: readonly unknown[]) {
    if (words.length === 0) super(RealDate.now() + shiftMs);
    else super(...(words as [number]));
  }

  static override now(): number {
    return RealDate.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
