import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Payload } from "../../core/operation/payload.ts";
import { keptTextOf } from "./kept-text.ts";

/**
 * The records of attempts that this process gave away, as they were then: what an outcome is decided on, without a read. One that is
 * out of date costs what a conflict costs; one that is forgotten, a read. The newest so many are remembered, by number and size.
 */
export class RememberedAttempts {
  /** By the id of the operation; the oldest first. */
  readonly #records = new Map<string, Operation>();
  #text = 0;

  /** An attempt was given away. */
  remember(operation: Operation): void {
    this.forget(operation.id);
    this.#records.set(operation.id, operation);
    this.#text += keptTextOf(operation);
    for (const id of this.#records.keys()) {
      if (this.#records.size <= LIMITS.rememberedAttemptsMax && this.#text <= LIMITS.rememberedTextMax)
        return;
      this.forget(id);
    }
  }

  /** The record of an attempt; undefined where it is not known. */
  find(id: string, attempt: number): Operation | undefined {
    const known = this.#records.get(id);
    return known?.attempt === attempt ? known : undefined;
  }

  /** The attempt reported, which its record now says. */
  reported(
    id: string,
    attempt: number,
    changes: { readonly metadata: Payload; readonly revision: number },
  ): void {
    const known = this.find(id, attempt);
    if (known !== undefined) this.remember({ ...known, ...changes });
  }

  /** Nothing more of the operation is remembered. */
  forget(id: string): void {
    const known = this.#records.get(id);
    if (known === undefined) return;
    this.#records.delete(id);
    this.#text -= keptTextOf(known);
  }
}
