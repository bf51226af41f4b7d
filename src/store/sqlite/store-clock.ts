import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";

/**
 * The clock of a store that lives in this process.
 *
 * It is the monotonic clock, moved slowly towards the wall clock: by 50 ms a second at the most. So it never stops, never goes
 * back and never jumps, whatever becomes of the wall clock: a time server or an administrator sets it, or the machine sleeps.
 * Delays, retries and leases take as long as they should, give or take a twentieth; a worker trusts a lease for less than
 * that (`trustMs` in worker/heartbeat.ts).
 *
 * At a start the wall clock may be wrong, and what was removed does not come back. So a start that finds clock and file more
 * than a day apart removes nothing for an hour, and nothing while the store's time is more than a day ahead of the clock.
 */
export class StoreClock {
  readonly #clock: Clock;
  readonly #tell: Tell;
  /** From the monotonic clock to this one: at the start, and what was added since. Apart, since small parts of a large number get lost. */
  readonly #offsetMs: number;
  #movedMs = 0;
  /** The monotonic clock when somebody asked last. */
  #askedAt: number;
  /** On the monotonic clock; undefined where the clock and the file agreed at the start. */
  readonly #removesFrom: number | undefined;
  #told = Number.NEGATIVE_INFINITY;
  #isApart: boolean;

  /** @param newest the newest instant that the file knows, on the clock of its last server; 0 for none */
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

  /** Whether records whose time to live has passed may be removed: it is not in doubt what time it is. */
  mayRemove(): boolean {
    if (this.#removesFrom === undefined) return true;
    const isAhead = this.now() - this.#clock.now() > LIMITS.clockDoubtMs;
    return !isAhead && this.#clock.monotonic() >= this.#removesFrom;
  }

  /** However long nobody asked, it moves by what a second allows: that is less than the margin of any lease. */
  #moveMs(gapMs: number, elapsedMs: number): number {
    if (gapMs > 0 && gapMs <= LIMITS.clockGrainMs) return gapMs;
    const mostMs = Math.min(elapsedMs, 1_000) * LIMITS.clockMovePart;
    return Math.max(-mostMs, Math.min(mostMs, gapMs));
  }

  /** Said once when it comes about, and once when it is over. */
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
