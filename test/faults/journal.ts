import assert from "node:assert/strict";

/** An operation on the wire, as far as faults look at it. */
export interface WireOperation {
  readonly name: string;
  readonly done?: boolean;
  readonly response?: { readonly value?: Readonly<Record<string, unknown>> };
  readonly error?: unknown;
  readonly metadata?: { readonly value?: Readonly<Record<string, unknown>> };
}

/**
 * What callers were told: every acknowledged start and every result that somebody saw. Whatever the server goes through, it
 * may never take back any of it.
 */
export class Journal {
  /** Name of each acknowledged operation, with the text that was asked for. */
  readonly #started = new Map<string, string>();
  /** Request id to the name that was acknowledged for it. */
  readonly #requestIds = new Map<string, string>();
  /** Name to the outcome that was seen, as text. */
  readonly #outcomes = new Map<string, string>();

  get acknowledged(): number {
    return this.#started.size;
  }

  get results(): number {
    return this.#outcomes.size;
  }

  get names(): readonly string[] {
    return [...this.#started.keys()];
  }

  /** Names of which no result has been seen. */
  get open(): readonly string[] {
    return this.names.filter((name) => !this.#outcomes.has(name));
  }

  /** A start was acknowledged. */
  started(operation: WireOperation, requestId: string, text: string): void {
    const before = this.#requestIds.get(requestId);
    if (before !== undefined)
      assert.equal(operation.name, before, `request id ${requestId} gave another operation`);
    this.#requestIds.set(requestId, operation.name);
    this.#started.set(operation.name, text);
    this.saw(operation);
  }

  /** An operation was read. */
  saw(operation: WireOperation): void {
    const { name, done = false, response, error } = operation;
    const before = this.#outcomes.get(name);
    if (!done) {
      assert.equal(before, undefined, `${name} was done and is not any more`);
      return;
    }
    const outcome = JSON.stringify(response ?? error);
    if (before !== undefined) assert.equal(outcome, before, `${name} has another result than before`);
    this.#outcomes.set(name, outcome);
    const text = this.#started.get(name);
    if (text !== undefined)
      assert.equal(response?.value?.["text"], text, `${name} did not end well: ${outcome}`);
  }
}
