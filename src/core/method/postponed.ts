/**
 * Thrown by a built-in handler that cannot begin its work yet: the attempt does not count, and
 * another follows later.
 */
export class Postponed extends Error {
  override readonly name = "Postponed";
  /** The minimum delay of the next attempt, in milliseconds. */
  readonly delayMs: number;

  constructor(message: string, delayMs: number) {
    super(message);
    this.delayMs = delayMs;
  }
}
