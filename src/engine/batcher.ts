import { StatusError } from "../core/error.ts";

/** What is smaller is not worth a batch of its own beside another one. */
const SHARE_MIN = 16;

/**
 * Batch while busy: a call that finds the store idle goes at once, and calls that arrive while a batch is under way form
 * the next one. Batches so grow with the load and nobody waits for one to fill.
 *
 * Beside a batch that is under way another takes its share of what waits, and not all of it: so one is carried out while the
 * callers of another are answered and ask for more.
 *
 * An answer is given after the batch that carried the call has been answered, never before.
 */
export class Batcher<Item, Answer> {
  readonly #run: (items: readonly Item[]) => Promise<readonly Answer[]>;
  readonly #inFlightMax: number;
  readonly #sizeMax: number;
  #waiting: Entry<Item, Answer>[] = [];
  #inFlight = 0;
  #scheduled = false;

  /**
   * @param options.run answers a batch, one answer an item, in order
   * @param options.inFlightMax batches under way at once, 1 or more
   * @param options.sizeMax items in one batch
   */
  constructor(options: {
    readonly run: (items: readonly Item[]) => Promise<readonly Answer[]>;
    readonly inFlightMax: number;
    readonly sizeMax: number;
  }) {
    this.#run = options.run;
    this.#inFlightMax = options.inFlightMax;
    this.#sizeMax = options.sizeMax;
  }

  /** Adds one call to the next batch. Rejects with whatever `run` rejected its batch with. */
  add(item: Item): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#schedule();
    });
  }

  /** Resolves when no call is waiting or under way. */
  async idle(): Promise<void> {
    while (this.#inFlight > 0 || this.#waiting.length > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle.push(resolve);
      });
    }
  }

  #onIdle: (() => void)[] = [];

  /** Calls of the same turn share a batch: the batch leaves when the running code gives way, which costs no time. */
  #schedule(): void {
    if (this.#scheduled || this.#inFlight >= this.#inFlightMax || this.#waiting.length === 0) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      void this.#send();
    });
  }

  /** How many of those that wait go now: all, unless others are under way beside them. */
  #share(): number {
    if (this.#inFlight === 0) return this.#sizeMax;
    return Math.max(SHARE_MIN, Math.ceil(this.#waiting.length / this.#inFlightMax));
  }

  async #send(): Promise<void> {
    if (this.#inFlight >= this.#inFlightMax || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, Math.min(this.#share(), this.#sizeMax));
    this.#inFlight++;
    this.#schedule();
    try {
      const answers = await this.#run(batch.map((entry) => entry.item));
      for (const [index, entry] of batch.entries()) entry.resolve(answers[index] as Answer);
    } catch (error) {
      for (const entry of batch) entry.reject(error);
      // While the store is away, whoever waits behind a batch of which nobody could say anything is told the same: nothing was sent.
      if (error instanceof StatusError && error.code === "UNAVAILABLE")
        for (const entry of this.#waiting.splice(0)) entry.reject(error);
    } finally {
      this.#inFlight--;
      this.#schedule();
      if (this.#inFlight === 0 && this.#waiting.length === 0)
        for (const resolve of this.#onIdle.splice(0)) resolve();
    }
  }
}

interface Entry<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}
