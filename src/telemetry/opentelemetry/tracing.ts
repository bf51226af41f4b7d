import {
  context,
  type Context,
  createTraceState,
  type Link,
  propagation,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
  type Tracer,
} from "@opentelemetry/api";
import type { Operation } from "../../core/operation/operation.ts";
import { formatName } from "../../core/operation/name.ts";
import { StatusError } from "../../core/error/error.ts";
import type { AttemptSpan, CallAnswer, CallSpan, TracedCall, Tracing } from "../../core/ports/tracing.ts";
import type { AttemptFacts } from "../../core/ports/worker-port.ts";
import { readTraceContext, traceContextText } from "../../core/trace-context.ts";
import { answerAttributes, callAttributes, isServerError, MESSAGING, spanName } from "./attributes.ts";

/**
 * The relation of an attempt's span to that of its start: linked, in a separate trace, or a child.
 */
export type AttemptSpans = "link" | "parent";

/**
 * Traces through the OpenTelemetry API: the registered provider gets the spans and decides on
 * sampling and propagation. Operations always store W3C Trace Context.
 *
 * @see docs/telemetry.md; OpenTelemetry, semantic conventions for HTTP, RPC and messaging
 */
export class OpenTelemetryTracing implements Tracing {
  readonly #tracer: Tracer;
  readonly #attemptSpans: AttemptSpans;

  constructor(options: { readonly attemptSpans: AttemptSpans }) {
    this.#tracer = trace.getTracer("longrunning");
    this.#attemptSpans = options.attemptSpans;
  }

  call(call: TracedCall): CallSpan | undefined {
    // An instrumentation of the program's own server has already started a span for the request.
    if (trace.getActiveSpan() !== undefined) return undefined;
    const parent = propagation.extract(context.active(), call.headers);
    const options = { kind: SpanKind.SERVER, attributes: callAttributes(call) };
    const span = this.#tracer.startSpan(spanName(call), options, parent);
    return new ServerSpan(call, span, trace.setSpan(parent, span));
  }

  async start(
    method: string,
    store: (traceContext: string | null) => Promise<Operation>,
  ): Promise<Operation> {
    const attributes = {
      ...MESSAGING,
      "messaging.operation.name": "start",
      "messaging.operation.type": "send",
      "messaging.destination.name": method,
    };
    const span = this.#tracer.startSpan(`start ${method}`, { kind: SpanKind.PRODUCER, attributes });
    try {
      const within = trace.setSpan(context.active(), span);
      const operation = await context.with(within, () => store(textOf(span.spanContext())));
      // A start that is only validated creates no operation.
      if (operation.id !== "") span.setAttribute("messaging.message.id", formatName(operation));
      return operation;
    } catch (error) {
      const code = error instanceof StatusError ? error.code : "INTERNAL";
      span.setAttribute("error.type", code);
      span.setStatus({ code: SpanStatusCode.ERROR, message: code });
      throw error;
    } finally {
      span.end();
    }
  }

  attempt(facts: AttemptFacts, { traceContext }: Pick<Operation, "traceContext">): AttemptSpan {
    const start = spanContextOf(traceContext);
    const isBelow = start !== undefined && this.#attemptSpans === "parent";
    const parent = isBelow ? trace.setSpanContext(ROOT_CONTEXT, start) : ROOT_CONTEXT;
    const links: Link[] = start === undefined || isBelow ? [] : [{ context: start }];
    const attributes = {
      ...MESSAGING,
      "messaging.operation.name": "run",
      "messaging.operation.type": "process",
      "messaging.destination.name": facts.method,
      "messaging.message.id": facts.operation,
      "longrunning.attempt": facts.attempt,
    };
    const options = { kind: SpanKind.CONSUMER, attributes, links };
    return new ConsumerSpan(this.#tracer.startSpan(`run ${facts.method}`, options, parent));
  }
}

class ServerSpan implements CallSpan {
  readonly #call: TracedCall;
  readonly #span: Span;
  readonly #context: Context;

  constructor(call: TracedCall, span: Span, within: Context) {
    this.#call = call;
    this.#span = span;
    this.#context = within;
  }

  within<T>(run: () => T): T {
    return context.with(this.#context, run);
  }

  end(answer: CallAnswer): void {
    this.#span.updateName(spanName(this.#call, answer));
    this.#span.setAttributes(answerAttributes(answer));
    if (isServerError(answer)) this.#span.setStatus({ code: SpanStatusCode.ERROR });
    this.#span.end();
  }
}

class ConsumerSpan implements AttemptSpan {
  readonly traceContext: string | null;
  readonly #span: Span;
  readonly #context: Context;

  constructor(span: Span) {
    this.#span = span;
    this.#context = trace.setSpan(ROOT_CONTEXT, span);
    this.traceContext = textOf(span.spanContext());
  }

  within<T>(run: () => T): T {
    return context.with(this.#context, run);
  }

  fail({ code, message, exception }: Parameters<AttemptSpan["fail"]>[0]): void {
    this.#span.setAttribute("error.type", code);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
    if (exception === null) return;
    const [first = ""] = exception.split("\n");
    const [, name = "Error", text = first] = /^([A-Za-z][\w.]*): (.*)$/.exec(first) ?? [];
    this.#span.recordException({ name, message: text, stack: exception });
  }

  end(how: string): void {
    this.#span.setAttribute("longrunning.attempt.outcome", how);
    this.#span.end();
  }
}

function textOf(span: SpanContext): string | null {
  if (!trace.isSpanContextValid(span)) return null;
  const { traceId, spanId, traceFlags, traceState } = span;
  const flags = (traceFlags & 0xff).toString(16).padStart(2, "0");
  return traceContextText({ traceId, spanId, flags, state: traceState?.serialize() ?? "" });
}

function spanContextOf(text: string | null): SpanContext | undefined {
  const read = readTraceContext(text);
  if (read === undefined) return undefined;
  const { traceId, spanId, flags, state } = read;
  const traceState = state === "" ? {} : { traceState: createTraceState(state) };
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true, ...traceState };
}
