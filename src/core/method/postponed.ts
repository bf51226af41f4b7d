/**
 * Thrown by a handler of the service's own that cannot begin its work yet: the attempt is given back and does not count, and
 * another follows later.
 */
export class Postponed extends Error {
  override readonly name = "Postponed";
  /** Milliseconds until the next attempt, at least. */
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}
