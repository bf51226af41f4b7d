import type { Caller } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { AnswerCache, type AnswerKey, type Ticket } from "../answer-cache.ts";
import type { Operations } from "../../engine/operations.ts";

/** The name of one operation, spelled as the service spells names. */
const NAME = /(?:^|\/)operations\/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

/** Reads an operation for a caller, and encodes the answer. */
type Render = (caller: Caller, name: string) => Promise<Uint8Array>;

/** The bytes of answers to GetOperation, kept until their operation changes. The sister of `rest/cached-get.ts`. */
export class CachedGets {
  readonly #operations: Operations;
  readonly #cache: AnswerCache<Uint8Array>;

  constructor(operations: Operations, clock: Clock) {
    this.#operations = operations;
    this.#cache = new AnswerCache({
      bytesMax: LIMITS.renderedBytesMax,
      lifeMs: LIMITS.renderedLifeMs,
      now: () => clock.monotonic(),
    });
    operations.watch((changes) => this.#cache.notice(changes));
  }

  /**
   * The kept answer, if there is one and the caller may read it; otherwise the answer from
   * `render`. Returns a promise only if something must be read.
   */
  get(caller: Caller, name: string, render: Render): Uint8Array | Promise<Uint8Array> {
    const view = this.#operations.tellsEveryChange ? this.#operations.viewOf(caller) : undefined;
    if (view === undefined) return render(caller, name);
    const kept = this.#operations.getKept(
      caller,
      () => name,
      () => this.#cache.get(view, name),
    );
    if (kept !== undefined) return kept;
    const id = NAME.exec(name)?.[1];
    if (id === undefined) return render(caller, name);
    return this.#keeping(this.#cache.begin(id), { view, key: name }, render(caller, name));
  }

  async #keeping(ticket: Ticket, at: AnswerKey, rendering: Promise<Uint8Array>): Promise<Uint8Array> {
    try {
      const bytes = await rendering;
      this.#cache.keep(ticket, at, bytes, bytes.length + 2 * (at.view.length + at.key.length) + 512);
      return bytes;
    } finally {
      this.#cache.giveUp(ticket);
    }
  }
}
