/**
 * Thrown by a handler of the service's own whose work goes on elsewhere: the attempt stays open without the worker, which
 * renews its lease once more, for `leaseMs`. Whoever has the attempt's token renews it and ends the attempt.
 */
export class HandedOver extends Error {
  override readonly name = "HandedOver";
  /** Undefined for as long as the leases of the worker are. */
  readonly leaseMs: number | undefined;

  constructor(leaseMs: number | undefined) {
    super("The work goes on elsewhere.");
    this.leaseMs = leaseMs;
  }
}
