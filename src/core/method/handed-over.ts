/**
 * Thrown by a built-in handler whose work continues elsewhere: the attempt stays open without the
 * worker, which renews its lease once more, for `leaseMs`. The holder of the attempt's token then
 * renews and ends it.
 */
export class HandedOver extends Error {
  override readonly name = "HandedOver";
  /** Undefined for the worker's usual length. */
  readonly leaseMs: number | undefined;

  constructor(leaseMs: number | undefined) {
    super("The work goes on elsewhere.");
    this.leaseMs = leaseMs;
  }
}
