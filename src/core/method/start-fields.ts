import type { Duration } from "../value/duration.ts";

/** The options of a start besides its method and request, in this process and over the network. */
export interface StartFields {
  /** The collection of the operation, such as `projects/p/locations/l`. @default "" */
  readonly parent?: string | undefined;
  /** Identifies repeated starts, as long as the operation is kept. */
  readonly requestId?: string | undefined;
  /** Only validates; starts nothing. */
  readonly validateOnly?: boolean | undefined;
  /** How long the finished operation is kept, within the method's bounds. */
  readonly timeToLive?: Duration | undefined;
  /** The time between the start and the earliest first attempt, up to a year. @default "0s" */
  readonly delay?: Duration | undefined;
  /**
   * A whole number from 0 to 9; available operations with a higher priority begin first. @default 0
   */
  readonly priority?: number | undefined;
  /**
   * A URL that is notified of the operation's end, with a host that the operator of the service
   * allows. @default none
   */
  readonly callbackUrl?: string | undefined;
}
