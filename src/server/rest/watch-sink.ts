import type { ServerResponse } from "node:http";
import { errorDetails } from "../../core/error/error-details.ts";
import type { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { encodeJson } from "../../core/operation/payload.ts";
import { errorBody } from "../../wire/error-body.ts";
import { escapeJson } from "../../core/value/escape-json.ts";
import type { KnowsDetail } from "../../wire/details.ts";
import { callStatusJson } from "../../wire/status.ts";
import { notFoundError } from "../../engine/missing.ts";
import { isGone } from "./request.ts";
import type { WatchSink } from "../watching/watch-stream.ts";

/** The settings for showing operations and errors in a watch. */
export interface WatchView {
  /** An operation as compact JSON. */
  readonly json: (operation: Operation) => string;
  /** Whether a collection is watched. */
  readonly isCollection: boolean;
  /** The `domain` of errors. */
  readonly domain: string;
  readonly knowsDetail?: KnowsDetail | undefined;
}

/** The sink of a watch: the answer to a request. */
abstract class ResponseSink implements WatchSink {
  protected readonly view: WatchView;
  readonly #response: ServerResponse;
  /** The size of the answer so far. */
  bytes = 0;

  constructor(response: ServerResponse, view: WatchView) {
    this.#response = response;
    this.view = view;
  }

  protected send(chunk: string | Uint8Array, taken?: () => void): void {
    if (isGone(this.#response)) return;
    this.bytes += typeof chunk === "string" ? Buffer.byteLength(chunk) : chunk.length;
    this.#response.write(chunk, taken);
  }

  protected finish(last: string): void {
    if (last !== "") this.send(last);
    if (!isGone(this.#response)) this.#response.end();
  }

  cut(): void {
    this.#response.destroy();
  }

  abstract operation(operation: Operation, taken: () => void): void;
  abstract removed(name: string, taken: () => void): void;
  abstract initialEnd(taken: () => void): void;
  abstract comment(taken: () => void): void;
  abstract end(error?: StatusError): void;
}

/**
 * Server-sent events: `operation`, with the revision as id for a single operation; `removed`; for
 * collections `initial-end`; and `status` if the end has a reason.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export class EventSink extends ResponseSink {
  constructor(response: ServerResponse, view: WatchView) {
    super(response, view);
    this.send(`retry: ${LIMITS.watchRetryMs}\n\n`);
  }

  operation(operation: Operation, taken: () => void): void {
    this.send(eventOf(operation, this.view), taken);
  }

  initialEnd(taken: () => void): void {
    this.send("event: initial-end\ndata: {}\n\n", taken);
  }

  removed(name: string, taken: () => void): void {
    this.send(`event: removed\ndata: {"name":${escapeJson(encodeJson(name))}}\n\n`, taken);
  }

  comment(taken: () => void): void {
    this.send(":\n\n", taken);
  }

  end(error?: StatusError): void {
    if (error === undefined) return this.finish("");
    const { code, message } = error;
    const details = errorDetails(error, this.view.domain);
    const status = callStatusJson({ code, message, details }, this.view.knowsDetail);
    this.finish(`event: status\ndata: ${escapeJson(status)}\n\n`);
  }
}

/** Rendered events, for further watches of the same operation. */
const written = new WeakMap<Operation, { readonly of: WatchView; readonly event: Uint8Array }>();

function eventOf(operation: Operation, view: WatchView): Uint8Array {
  const known = written.get(operation);
  if (known?.of.json === view.json && known.of.isCollection === view.isCollection) return known.event;
  // In a collection, no id could represent the position.
  const id = view.isCollection ? "" : `id: ${operation.revision}\n`;
  const event = Buffer.from(`event: operation\n${id}data: ${escapeJson(view.json(operation))}\n\n`);
  written.set(operation, { of: view, event });
  return event;
}

/**
 * A JSON array, as in Google's streaming answers over REST: each element is an operation, or for a
 * collection a `longrunning.v1.WatchOperationsResponse`; an error comes last.
 *
 * @see contract section 4.4
 */
export class ArraySink extends ResponseSink {
  #isEmpty = true;

  constructor(response: ServerResponse, view: WatchView) {
    super(response, view);
    this.send("[");
  }

  operation(operation: Operation, taken: () => void): void {
    const json = escapeJson(this.view.json(operation));
    this.#element(this.view.isCollection ? `{"operation":${json}}` : json, taken);
  }

  initialEnd(taken: () => void): void {
    this.#element('{"initialEnd":{}}', taken);
  }

  removed(name: string, taken: () => void): void {
    if (this.view.isCollection) return this.#element(`{"removed":${escapeJson(encodeJson(name))}}`, taken);
    this.#element(errorBody(notFoundError(name), { format: 2, domain: this.view.domain }).trimEnd(), taken);
  }

  /** White space between elements has no meaning. */
  comment(taken: () => void): void {
    this.send("\n", taken);
  }

  end(error?: StatusError): void {
    if (error !== undefined) this.#element(errorBody(error, { format: 2, ...this.view }).trimEnd());
    this.finish("]\n");
  }

  #element(json: string, taken?: () => void): void {
    this.send(this.#isEmpty ? json : `,\n${json}`, taken);
    this.#isEmpty = false;
  }
}
