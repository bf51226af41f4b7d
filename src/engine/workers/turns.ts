import { LIMITS } from "../../core/limits.ts";
import type { Clock } from "../../core/ports/clock.ts";

/**
 * Distributes a call's work over turns of the event loop, so that no turn is long, however many
 * parts there are.
 */
export class Turns {
  readonly #clock: Pick<Clock, "soon">;
  #entries = 0;
  #text = 0;
  #next: Promise<void> | undefined;

  constructor(clock: Pick<Clock, "soon">) {
    this.#clock = clock;
  }

  /**
   * Reserves room for one entry.
   *
   * @param text the number of characters of its payloads
   * @returns undefined if this turn has room; otherwise resolves in a turn that has
   */
  enter(text: number): Promise<void> | undefined {
    const { remoteEntriesPerTurn, remoteTextPerTurn } = LIMITS;
    if (this.#entries >= remoteEntriesPerTurn || this.#text >= remoteTextPerTurn) return this.#later(text);
    this.#entries++;
    this.#text += text;
    return undefined;
  }

  async #later(text: number): Promise<void> {
    this.#next ??= new Promise((resolve) => {
      this.#clock.soon(() => {
        [this.#entries, this.#text, this.#next] = [0, 0, undefined];
        resolve();
      });
    });
    await this.#next;
    await this.enter(text);
  }
}
