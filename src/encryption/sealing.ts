import { progressOf } from "../core/list/operation-row.ts";
import type { EndedAttempt } from "../core/operation/attempts.ts";
import { formatName } from "../core/operation/name.ts";
import type { Failure, Operation } from "../core/operation/operation.ts";
import type { Payload } from "../core/operation/payload.ts";
import { joinSealed } from "../core/operation/sealed.ts";
import type { Random } from "../core/ports/random.ts";
import type { SealingKey } from "./data-keys.ts";
import { IV_BYTES, seal } from "./envelope.ts";

/**
 * Seals records before they are stored. It seals the request, metadata and response, the error's
 * message and details, the exception, and the messages of attempts. Everything else stays readable:
 * names, methods, states, codes, types, times, callers, keys, targets.
 */
export class Sealing {
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** A new record. */
  started(operation: Operation, key: SealingKey): Operation {
    const request = this.#text(operation.request, key, bindingOf(key.service, operation, "request"));
    return { ...this.changed(operation, key), request };
  }

  /** The changed part of a record that replaces another. */
  changed(operation: Operation, key: SealingKey): Operation {
    const { metadata, response, error, exception, attempts } = operation;
    const place = (field: string): string => bindingOf(key.service, operation, field);
    return {
      ...operation,
      metadata: metadata === null ? null : this.metadata(metadata, key, operation),
      response:
        response === null ? null : this.#payload(response, key, place(payloadField("response", response))),
      error: error === null ? null : this.#failure(error, key, operation),
      exception: exception === null ? null : this.#text(exception, key, place("exception")),
      attempts: attempts.map((each) => this.#attempt(each, key, operation)),
    };
  }

  /** A handler's report. Rows show its progress. */
  metadata(metadata: Payload, key: SealingKey, operation: Place): Payload {
    const place = (field: string): string => bindingOf(key.service, operation, field);
    const sealed = this.#payload(metadata, key, place(payloadField("metadata", metadata)));
    const { progressPercent, message } = progressOf({ ...REPORTED, metadata });
    if (progressPercent === null && message === "") return sealed;
    const head = this.#text(JSON.stringify([progressPercent, message]), key, place("metadata.head"));
    return { ...sealed, json: joinSealed(head, sealed.json) };
  }

  #failure(error: Failure, key: SealingKey, operation: Operation): Failure {
    const { code, message, details } = error;
    const place = (field: string): string => bindingOf(key.service, operation, field);
    const shown = progressOf(operation);
    const head = this.#text(JSON.stringify([shown.progressPercent, shown.message]), key, place("error.head"));
    const whole = this.#text(JSON.stringify([message, details]), key, place(errorField(error)));
    return { code, message: joinSealed(head, whole), details: [] };
  }

  #attempt(attempt: EndedAttempt, key: SealingKey, operation: Operation): EndedAttempt {
    if (attempt.message === "") return attempt;
    const binding = bindingOf(key.service, operation, attemptField(attempt));
    return { ...attempt, message: this.#text(attempt.message, key, binding) };
  }

  #payload(payload: Payload, key: SealingKey, binding: string): Payload {
    return { type: payload.type, json: this.#text(payload.json, key, binding) };
  }

  /** Seals any text, because a handler's text may look as if it were already sealed. */
  #text(text: string, key: SealingKey, binding: string): string {
    key.left--;
    return seal(key, text, { binding, iv: this.#random.bytes(IV_BYTES) });
  }
}

/** The fields that a row needs besides the report to show its progress. */
const REPORTED = { state: "RUNNING", error: null, exception: null } as const;

/** The fields of an operation that sealed texts are bound to. */
export type Place = Pick<Operation, "id" | "parent">;

/**
 * The place that a sealed text is bound to. Neither a service's name nor a field contains the
 * separator.
 */
export function bindingOf(service: string, operation: Place, field: string): string {
  return `${service}|${formatName(operation)}|${field}`;
}

/** The field of a payload for the binding. It includes the type. */
export function payloadField(of: "metadata" | "response", { type }: Payload): string {
  return `${of}:${type}`;
}

/** The field of an error's message and details for the binding. It includes the code. */
export function errorField({ code }: Pick<Failure, "code">): string {
  return `error:${code}`;
}

/** The field of an attempt's message for the binding. */
export function attemptField({ number }: EndedAttempt): string {
  return `attempts.${number}`;
}
