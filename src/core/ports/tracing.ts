import type { Operation } from "../operation/operation.ts";
import type { AttemptFacts } from "./worker-port.ts";

/**
 * The port to traces. It is absent without tracing, and then costs nothing. Nothing here throws.
 *
 * Words: a *span* is one piece of work with a beginning and an end; it is *active* for the code that runs within it, and what
 * begins there is below it. An attempt may begin days after its start, in another process: its span is a trace of its own,
 * and linked to the start by what the operation keeps (`Operation.traceContext`).
 */
export interface Tracing {
  /**
   * Begins the span of a network call, as a child of the caller's span. Undefined if other code
   * traces the call.
   */
  call(call: TracedCall): CallSpan | undefined;
  /**
   * Executes a start within its own span.
   *
   * @param store receives the trace context to store with the operation; null for none
   */
  start(method: string, store: (traceContext: string | null) => Promise<Operation>): Promise<Operation>;
  /** Begins the span of an attempt. */
  attempt(facts: AttemptFacts, operation: Pick<Operation, "traceContext">): AttemptSpan;
}

/** A call as it arrives. */
export type TracedCall = { readonly headers: TraceHeaders } & (
  | {
      readonly kind: "http";
      /** The HTTP method, as it came. */
      readonly method: string;
      /** Without the query, which may hold credentials. */
      readonly path: string;
      readonly scheme: "http" | "https";
    }
  | {
      readonly kind: "grpc";
      /** Such as `google.longrunning.Operations/GetOperation`. */
      readonly rpc: string;
    }
);

/** Headers by name in lower case. */
export type TraceHeaders = Readonly<Record<string, unknown>>;

/** How a call was answered. */
export type CallAnswer =
  | { readonly kind: "http"; readonly status: number; readonly route: string | undefined }
  | { readonly kind: "grpc"; readonly code: string };

/** The span of a call over the network. */
export interface CallSpan {
  /** Runs something within the span. */
  within<T>(run: () => T): T;
  /** Called once. */
  end(answer: CallAnswer): void;
}

/** The span of an attempt. */
export interface AttemptSpan {
  /** What names the span, as `Operation.traceContext` is written; null where the span has no name. */
  readonly traceContext: string | null;
  /** Runs something within the span. */
  within<T>(run: () => T): T;
  /** The attempt has failed. `exception`: message and stack, where the handler threw something unexpected. */
  fail(failure: { readonly code: string; readonly message: string; readonly exception: string | null }): void;
  /** Called once. `how`: as in the event `attempt.ended`. */
  end(how: string): void;
}
