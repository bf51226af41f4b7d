/**
 * The part of an `AbortSignal` that we listen to. Where there may be ten thousand, a few kilobytes each, whoever knows that
 * its caller has gone can say so with less than a whole AbortController.
 */
export interface Signal {
  readonly aborted: boolean;
  addEventListener(type: "abort", listener: () => void): void;
  removeEventListener(type: "abort", listener: () => void): void;
}
