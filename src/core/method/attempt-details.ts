import type { Clock } from "../ports/clock.ts";
import type { Operation } from "../operation/operation.ts";
import type { Belongings } from "../value/belongings.ts";
import type { Context, Method } from "./method.ts";

/** Details of an attempt for built-in handlers, beyond the context that users see. */
export interface AttemptDetails {
  readonly operation: Operation;
  readonly method: Method;
  /** The span of the attempt if tracing is on; otherwise the stored trace of the start. */
  readonly traceContext: string | null;
  readonly clock: Clock;
  /** The store's clock. */
  time(): number;
  /** Resources that handlers keep in the worker that runs them. */
  readonly belongings: Belongings;
  /** Creates tokens with which others can end the attempt; undefined without such tokens. */
  readonly attemptToken: AttemptToken | undefined;
}

/** Creates a token with which others can renew and end the current attempt of an operation. */
export type AttemptToken = (operation: Operation) => string;

/** The property of a context for the details. */
export const ATTEMPT_DETAILS: unique symbol = Symbol("longrunning.attempt-details");

/** The details of a context; undefined for a context that no worker created. */
export function detailsOf(context: Context): AttemptDetails | undefined {
  return (context as { readonly [ATTEMPT_DETAILS]?: AttemptDetails })[ATTEMPT_DETAILS];
}
