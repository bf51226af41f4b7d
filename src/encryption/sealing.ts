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
 * Records before they are kept. Sealed are: request, metadata, response, message and details of the error, the exception, and the
 * messages of attempts. Everything else stays readable: names, methods, states, codes, types, times, callers, keys, targets.
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

  /** A record that takes the place of another: what a replacement writes of it. */
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

  /** What a handler reported. Rows show the progress of it. */
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

  /** Whatever it begins with: what handlers write may look as if it were sealed. */
  #text(text: string, key: SealingKey, binding: string): string {
    key.left--;
    return seal(key, text, { binding, iv: this.#random.bytes(IV_BYTES) });
  }
}

/** What a report is the only thing to be told of. */
const REPORTED = { state: "RUNNING", error: null, exception: null } as const;

/** What an operation is bound by. */
export type Place = Pick<Operation, "id" | "parent">;

/** What a sealed text belongs to. Neither a service's name nor a field has the sign between them. */
export function bindingOf(service: string, operation: Place, field: string): string {
  return `${service}|${formatName(operation)}|${field}`;
}

/** The field of a payload. Its type is a part of it. */
export function payloadField(of: "metadata" | "response", { type }: Payload): string {
  return `${of}:${type}`;
}

/** The field of message and details of an error. Its code is a part of it. */
export function errorField({ code }: Pick<Failure, "code">): string {
  return `error:${code}`;
}

/** The field of the message of an attempt. */
export function attemptField({ number }: EndedAttempt): string {
  return `attempts.${number}`;
}
