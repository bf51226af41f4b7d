import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Payload } from "../../core/operation/payload.ts";
import { keptTextOf } from "./kept-text.ts";
import { Recent } from "../../core/value/recent.ts";

/**
 * The records of attempts that this process handed out, as claimed, so that outcomes need no read.
 * A stale record costs as much as a conflict, and a missing one costs a read. The newest are kept,
 * limited by number and size.
 */
export class RememberedAttempts {
  /** By the operation's id, oldest first. */
  readonly #records = new Recent<string, Operation>();
  #text = 0;

  /** Adds the record of a new attempt. */
  remember(operation: Operation): void {
    this.forget(operation.id);
    this.#records.set(operation.id, operation);
    this.#text += keptTextOf(operation);
    for (const { key: id } of this.#records) {
      if (this.#records.size <= LIMITS.rememberedAttemptsMax && this.#text <= LIMITS.rememberedTextMax)
        return;
      this.forget(id);
    }
  }

  /** The record of an attempt; undefined if unknown. */
  find(id: string, attempt: number): Operation | undefined {
    const known = this.#records.get(id);
    return known?.attempt === attempt ? known : undefined;
  }

  /** Adds a report to the record. */
  reported(
    id: string,
    attempt: number,
    changes: { readonly metadata: Payload; readonly revision: number },
  ): void {
    const known = this.find(id, attempt);
    if (known !== undefined) this.remember({ ...known, ...changes });
  }

  /** Removes the record of an operation. */
  forget(id: string): void {
    const known = this.#records.get(id);
    if (known === undefined) return;
    this.#records.delete(id);
    this.#text -= keptTextOf(known);
  }
}
