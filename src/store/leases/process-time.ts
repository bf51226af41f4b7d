/**
 * Nanoseconds on the monotonic clock that all threads of a process share. `Clock.monotonic` counts from the start of its
 * own thread, so that what one thread reads there means nothing in another.
 */
export function processTime(): bigint {
  // oxlint-disable-next-line no-restricted-properties -- a question between two threads; a test's clock is in one
  return process.hrtime.bigint();
}

/** The same instant in milliseconds. */
export function processMs(time: bigint): number {
  return Number(time) / NANOSECONDS_PER_MS;
}

const NANOSECONDS_PER_MS = 1e6;
