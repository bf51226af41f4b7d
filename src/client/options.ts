import type { Duration } from "../core/value/duration.ts";
import type { StartFields } from "../core/method/start-fields.ts";
import type { Method } from "../core/method/method.ts";
import type { CallOptions } from "./transport.ts";

/** The options of a start. */
export interface StartOptions extends StartFields, CallOptions {
  /**
   * Makes repeated starts idempotent. Without it, a start is not retried if the server cannot be
   * reached.
   */
  readonly requestId?: string;
}

/** An element of `startMany`: the method or its name, the request, and the options of the start. */
export interface StartItem extends StartFields {
  readonly method: Method | string;
  readonly request: unknown;
}

/** The options of a single wait. */
export interface WaitOptions extends CallOptions {
  /** @default "30s"; the server may shorten it (ours to 60 s) */
  readonly timeout?: Duration;
}

/** The options for following an operation. */
export interface UpdatesOptions extends CallOptions {
  /**
   * Polls at least this often instead of watching, so that an unreachable server is noticed.
   * @default it watches
   */
  readonly step?: Duration;
}
