/**
 * Milliseconds on the monotonic clock that all threads of a process share. `Clock.monotonic` counts from the start of
 * its own thread: an instant of one thread means nothing in another.
 */
export function processMs(): number {
  // oxlint-disable-next-line no-restricted-properties -- a question between two threads; a test's clock is in one
  return Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS;
}

const NANOSECONDS_PER_MS = 1e6;
