import type { Operation } from "../../core/operation/operation.ts";
import { INDENTED } from "../../wire/layout.ts";
import { operationJson, type OperationView } from "../../wire/operation.ts";
import type { Answer } from "./reply.ts";

/** An operation as an answer. Its JSON is made in the layout that the caller gets, and in no other. */
export class OperationAnswer implements Answer {
  readonly #operation: Operation;
  readonly #view: OperationView;
  readonly preferred: Answer["preferred"];

  /** @param preferred status and headers that the caller preferred. @default those of a success */
  constructor(operation: Operation, view: OperationView, preferred?: Answer["preferred"]) {
    this.#operation = operation;
    this.#view = view;
    this.preferred = preferred;
  }

  get json(): string {
    return operationJson(this.#operation, this.#view);
  }

  get indented(): string {
    return `${operationJson(this.#operation, this.#view, INDENTED)}\n`;
  }

  /**
   * Weak, because the same revision can be written in several ways. Undefined for an operation that
   * is not stored.
   */
  get etag(): string | undefined {
    const { id, revision } = this.#operation;
    return id === "" ? undefined : `W/"${revision}"`;
  }
}
