import type { Duration } from "../core/value/duration.ts";
import type { Method } from "../core/method/method.ts";
import type { CallOptions } from "./transport.ts";

/** How to start one operation. */
export interface StartOptions extends CallOptions {
  /** The collection to put it under, such as `projects/p/locations/l`. */
  readonly parent?: string;
  /** Makes a repeated start the same start. Only with it is a start repeated when the server cannot be reached. */
  readonly requestId?: string;
  /** Checks everything and starts nothing. */
  readonly validateOnly?: boolean;
  /** How long to keep the finished operation, within the method's bounds. */
  readonly timeToLive?: Duration;
  /** How long after its start it may begin; our servers take up to a year. @default "0s" */
  readonly delay?: Duration;
  /** Whole, 0 to 9: of what is available, what has a higher one begins first. @default 0 */
  readonly priority?: number;
}

/** One of many starts: the method, or its name, and what goes with it. */
export interface StartItem extends Omit<StartOptions, "signal"> {
  readonly method: Method | string;
  readonly request: unknown;
}

/** How to wait once. */
export interface WaitOptions extends CallOptions {
  /** @default "30s"; a server may lower it (ours to 60 s) */
  readonly timeout?: Duration;
}

/** How to follow an operation. */
export interface UpdatesOptions extends CallOptions {
  /** The longest time between two answers, so that a server that has gone is noticed. @default what the operation recommends */
  readonly step?: Duration;
}
