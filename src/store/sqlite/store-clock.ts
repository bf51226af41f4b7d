import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";

/**
 * The clock of a store that lives in this process.
 *
 * It is the monotonic clock, moved slowly towards the wall clock: by at most 50 ms a second. So it
 * never stops, goes back or jumps when a time server or an administrator sets the wall clock, or
 * when the machine sleeps. Delays, retries and leases are accurate to a twentieth; a worker trusts
 * a lease for less than that (`trustMs` in worker/heartbeat.ts).
 *
 * The wall clock may be wrong at a start, and a removed record cannot be restored. So if the clock
 * and the file are more than a day apart at a start, the store removes nothing for an hour. It also
 * removes nothing while its time is more than a day ahead of the wall clock.
 */
export class StoreClock {
  readonly #clock: Clock;
  readonly #tell: Tell;
  /**
   * The difference from the monotonic clock to this one: at the start, and what was added since.
   * Two fields, because adding small numbers to a large one loses precision.
   */
  readonly #offsetMs: number;
  #movedMs = 0;
  /** The monotonic time of the last call. */
  #askedAt: number;
  /**
   * The monotonic time from which removal is allowed; undefined if the clock and the file agreed at
   * the start.
   */
  readonly #removesFrom: number | undefined;
  #told = Number.NEGATIVE_INFINITY;
  #isApart: boolean;

  /** @param newest the newest time in the file, on the clock of its last server; 0 for none */
  constructor({ clock, tell }: { readonly clock: Clock; readonly tell: Tell }, newest = 0) {
    this.#clock = clock;
    this.#tell = tell;
    const [wall, monotonic] = [clock.now(), clock.monotonic()];
    this.#askedAt = monotonic;
    this.#offsetMs = Math.max(wall, newest) - monotonic;
    this.#isApart = newest - wall > LIMITS.clockApartMs;
    const isInDoubt = newest > 0 && Math.abs(newest - wall) > LIMITS.clockDoubtMs;
    this.#removesFrom = isInDoubt ? monotonic + LIMITS.clockDoubtHoldMs : undefined;
    const shown = { clock: textOf(wall), store: textOf(newest) };
    if (this.#isApart) tell["clock.behind"]?.(shown);
    if (isInDoubt) tell["clock.doubted"]?.(shown);
  }

  /** Milliseconds since the Unix epoch. */
  now(): number {
    const monotonic = this.#clock.monotonic();
    const gapMs = this.#clock.now() - (monotonic + this.#offsetMs + this.#movedMs);
    this.#movedMs += this.#moveMs(gapMs, monotonic - this.#askedAt);
    this.#askedAt = monotonic;
    this.#tellApart(gapMs);
    this.#told = Math.max(this.#told, Math.floor(monotonic + this.#offsetMs + this.#movedMs));
    return this.#told;
  }

  /** Whether expired records may be removed: the time is not in doubt. */
  mayRemove(): boolean {
    if (this.#removesFrom === undefined) return true;
    const isAhead = this.now() - this.#clock.now() > LIMITS.clockDoubtMs;
    return !isAhead && this.#clock.monotonic() >= this.#removesFrom;
  }

  /**
   * After a long pause it still moves only as far as one second allows, which is less than the
   * margin of any lease.
   */
  #moveMs(gapMs: number, elapsedMs: number): number {
    if (gapMs > 0 && gapMs <= LIMITS.clockGrainMs) return gapMs;
    const mostMs = Math.min(elapsedMs, 1_000) * LIMITS.clockMovePart;
    return Math.max(-mostMs, Math.min(mostMs, gapMs));
  }

  /** Announces once when the clocks come apart, and once when they agree again. */
  #tellApart(gapMs: number): void {
    const isApart = Math.abs(gapMs) > (this.#isApart ? LIMITS.clockGrainMs : LIMITS.clockApartMs);
    if (isApart === this.#isApart) return;
    this.#isApart = isApart;
    if (isApart) this.#tell["clock.set"]?.({ gapMs });
    else this.#tell["clock.agrees"]?.({});
  }
}

function textOf(time: number): string {
  return new Date(time).toISOString();
}
