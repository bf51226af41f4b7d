import type { Duration } from "../value/duration.ts";

/** What a start may say besides its method and request, in this process and over the network alike. */
export interface StartFields {
  /** The collection to put it under, such as `projects/p/locations/l`. @default "" */
  readonly parent?: string | undefined;
  /** Makes a repeated start the same start, as long as the operation is kept. */
  readonly requestId?: string | undefined;
  /** Checks everything and starts nothing. */
  readonly validateOnly?: boolean | undefined;
  /** How long to keep the finished operation, within the method's bounds. */
  readonly timeToLive?: Duration | undefined;
  /** How long after its start it may begin, up to a year. @default "0s" */
  readonly delay?: Duration | undefined;
  /** Whole, 0 to 9: of the operations that may begin, one with a higher priority begins first. @default 0 */
  readonly priority?: number | undefined;
  /** An address that is told of the operation's end, of a host that the operator of the service lists. @default none */
  readonly callbackUrl?: string | undefined;
}
