import type { Duration } from "../core/value/duration.ts";
import type { StartFields } from "../core/method/start-fields.ts";
import type { Method } from "../core/method/method.ts";
import type { CallOptions } from "./transport.ts";

/** How to start one operation. */
export interface StartOptions extends StartFields, CallOptions {
  /** Makes a repeated start the same start. Only with it is a start repeated when the server cannot be reached. */
  readonly requestId?: string;
}

/** An element of `startMany`: the method or its name, the request, and the options of the start. */
export interface StartItem extends StartFields {
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
  /** Asks at least so often instead of watching, so that a server that has gone is noticed. @default it watches */
  readonly step?: Duration;
}
