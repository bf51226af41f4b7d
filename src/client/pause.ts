import type { Clock } from "../core/ports/clock.ts";
import { stayAlive } from "../core/ports/stay-alive.ts";

/**
 * Waits, and keeps a Node process alive meanwhile, because a program whose last line awaits a
 * result must not end before it.
 *
 * @throws the signal's reason as soon as it aborts
 */
export function pause(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason as Error);
      return;
    }
    const release = stayAlive();
    const end = (settle: () => void): void => {
      timer.cancel();
      signal?.removeEventListener("abort", onAbort);
      release();
      settle();
    };
    const onAbort = (): void => end(() => reject(signal?.reason as Error));
    const timer = clock.after(delayMs, () => end(resolve));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
