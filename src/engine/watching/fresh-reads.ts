import type { Operation } from "../../core/operation/operation.ts";

/** Reads under way at once: some batches of the store. What changes meanwhile waits, and is read once. */
const AT_ONCE_MAX = 64;

/** What reads are made with. */
export interface FreshReadsParts {
  readonly read: (id: string) => Promise<Operation | undefined>;
  /** Is told what each read found. Never throws. */
  readonly found: (id: string, operation: Operation | undefined) => void;
  /** A read failed. */
  readonly failed: (id: string) => void;
}

/**
 * Reads of records that are as new as the moment in which they were asked for: one serves all who ask for the same record
 * before it begins. Whoever asks while it is under way is served by one more, behind it.
 */
export class FreshReads {
  readonly #parts: FreshReadsParts;
  /** Not begun yet, in the order in which they were asked for. */
  readonly #waiting = new Map<string, PromiseWithResolvers<Operation | undefined>>();
  readonly #underWay = new Set<string>();

  constructor(parts: FreshReadsParts) {
    this.#parts = parts;
  }

  /** Reads that wait for others. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** @throws {StatusError} what the store throws */
  ask(id: string): Promise<Operation | undefined> {
    const known = this.#waiting.get(id);
    if (known !== undefined) return known.promise;
    const asked = Promise.withResolvers<Operation | undefined>();
    // Whoever asked on behalf of watchers alone does not look at it.
    asked.promise.catch(() => undefined);
    this.#waiting.set(id, asked);
    this.#goOn();
    return asked.promise;
  }

  /** Begins what may begin. */
  #goOn(): void {
    for (const [id, asked] of this.#waiting) {
      if (this.#underWay.size >= AT_ONCE_MAX) return;
      if (this.#underWay.has(id)) continue;
      this.#waiting.delete(id);
      this.#underWay.add(id);
      void this.#read(id, asked);
    }
  }

  async #read(id: string, asked: PromiseWithResolvers<Operation | undefined>): Promise<void> {
    try {
      const operation = await this.#parts.read(id);
      this.#parts.found(id, operation);
      asked.resolve(operation);
    } catch (error) {
      this.#parts.failed(id);
      asked.reject(error);
    } finally {
      this.#underWay.delete(id);
      this.#goOn();
    }
  }
}
