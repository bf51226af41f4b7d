import type { Clock } from "../ports/clock.ts";
import type { Operation } from "../operation/operation.ts";
import type { Belongings } from "../value/belongings.ts";
import type { Context, Method } from "./method.ts";

/** What handlers of the service's own are given beside the context that users see. */
export interface AttemptDetails {
  readonly operation: Operation;
  readonly method: Method;
  /** The span of the attempt where somebody traces; otherwise the trace of the start, as the operation keeps it. */
  readonly traceContext: string | null;
  readonly clock: Clock;
  /** The store's clock. */
  time(): number;
  /** What handlers keep in the worker that runs them. */
  readonly belongings: Belongings;
  /** What lets others end the attempt; undefined where nobody can. */
  readonly attemptToken: AttemptToken | undefined;
}

/** Makes the text with which others may renew and end the current attempt of an operation. */
export type AttemptToken = (operation: Operation) => string;

/** The member of a context that has the details. */
export const ATTEMPT_DETAILS: unique symbol = Symbol("longrunning.attempt-details");

/** The details of a context; undefined for one that no worker has made. */
export function detailsOf(context: Context): AttemptDetails | undefined {
  return (context as { readonly [ATTEMPT_DETAILS]?: AttemptDetails })[ATTEMPT_DETAILS];
}
