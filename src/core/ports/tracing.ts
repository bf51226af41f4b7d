import type { Operation } from "../operation/operation.ts";
import type { AttemptFacts } from "./worker-port.ts";

/**
 * The port to traces. It is absent without tracing, and then costs nothing. Nothing here throws.
 *
 * Words: a *span* is one piece of work with a beginning and an end; it is *active* for the code
 * that runs within it, and spans that begin there are its children. An attempt may begin days after
 * its start, in another process: its span is a separate trace, linked to the start through the
 * stored `Operation.traceContext`.
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

/** An incoming call. */
export type TracedCall = { readonly headers: TraceHeaders } & (
  | {
      readonly kind: "http";
      /** The HTTP method, as received. */
      readonly method: string;
      /** Without the query, which may contain credentials. */
      readonly path: string;
      readonly scheme: "http" | "https";
    }
  | {
      readonly kind: "grpc";
      /** Such as `google.longrunning.Operations/GetOperation`. */
      readonly rpc: string;
    }
);

/** Headers, with names in lower case. */
export type TraceHeaders = Readonly<Record<string, unknown>>;

/** The answer of a call. */
export type CallAnswer =
  | { readonly kind: "http"; readonly status: number; readonly route: string | undefined }
  | { readonly kind: "grpc"; readonly code: string };

/** The span of a call over the network. */
export interface CallSpan {
  /** Runs a function within the span. */
  within<T>(run: () => T): T;
  /** Called once. */
  end(answer: CallAnswer): void;
}

/** The span of an attempt. */
export interface AttemptSpan {
  /** The context of the span, in the form of `Operation.traceContext`; null for none. */
  readonly traceContext: string | null;
  /** Runs a function within the span. */
  within<T>(run: () => T): T;
  /**
   * The attempt has failed. `exception`: message and stack, if the handler threw an unexpected
   * error.
   */
  fail(failure: { readonly code: string; readonly message: string; readonly exception: string | null }): void;
  /** Called once. `how`: as in the event `attempt.ended`. */
  end(how: string): void;
}
