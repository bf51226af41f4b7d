import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { Rendered } from "../answer-cache.ts";
import type { Operations } from "../../engine/operations.ts";

/** The name of one operation, spelled as we spell names. */
const NAME = /(?:^|\/)operations\/([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/;

/** The bytes of answers to GetOperation, kept until their operation changes. The sister of `rest/polled.ts`. */
export class PolledOperations {
  readonly #operations: Operations;
  readonly #rendered: Rendered<Uint8Array>;

  constructor(operations: Operations, clock: Clock) {
    this.#operations = operations;
    this.#rendered = new Rendered({
      bytesMax: LIMITS.renderedBytesMax,
      lifeMs: LIMITS.renderedLifeMs,
      now: () => clock.monotonic(),
    });
    operations.watch((changes) => this.#rendered.notice(changes));
  }

  /** The kept answer, or the one that `render` makes of what it reads. A promise only where something is read. */
  get(name: string, render: (name: string) => Promise<Uint8Array>): Uint8Array | Promise<Uint8Array> {
    if (!this.#operations.tellsEveryChange) return render(name);
    const kept = this.#rendered.get(name);
    if (kept !== undefined) return kept;
    const id = NAME.exec(name)?.[1];
    return id === undefined ? render(name) : this.#rendering(id, name, render);
  }

  async #rendering(
    id: string,
    name: string,
    render: (name: string) => Promise<Uint8Array>,
  ): Promise<Uint8Array> {
    const ticket = this.#rendered.begin(id);
    try {
      const bytes = await render(name);
      this.#rendered.keep(ticket, name, bytes, bytes.length + 2 * name.length + 512);
      return bytes;
    } finally {
      this.#rendered.giveUp(ticket);
    }
  }
}
