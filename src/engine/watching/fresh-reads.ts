import type { Operation } from "../../core/operation/operation.ts";

/**
 * The number of concurrent reads: a few batches of the store. Records that change meanwhile wait
 * and are read once.
 */
const AT_ONCE_MAX = 64;

/** The parts of {@link FreshReads}. */
export interface FreshReadsParts {
  readonly read: (id: string) => Promise<Operation | undefined>;
  /** Receives the result of each read. Never throws. */
  readonly found: (id: string, operation: Operation | undefined) => void;
  /** Called for a failed read. @param parent the parent from the request */
  readonly failed: (id: string, parent: string | undefined) => void;
}

/** A waiting read. */
interface Asked extends PromiseWithResolvers<Operation | undefined> {
  parent: string | undefined;
}

/**
 * Reads of records that are at least as new as their request. One read serves all requests for the
 * record that come before it begins. Later requests share the next read.
 */
export class FreshReads {
  readonly #parts: FreshReadsParts;
  /** Reads that have not begun, in the order of their requests. */
  readonly #waiting = new Map<string, Asked>();
  readonly #underWay = new Set<string>();
  #withParent = 0;

  constructor(parts: FreshReadsParts) {
    this.#parts = parts;
  }

  /** The number of waiting reads. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** The number of waiting reads that were requested with a parent. */
  get waitingWithParent(): number {
    return this.#withParent;
  }

  /** The same number by parent. */
  get waitingByParent(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { parent } of this.#waiting.values())
      if (parent !== undefined) counts.set(parent, (counts.get(parent) ?? 0) + 1);
    return counts;
  }

  /** Whether a read of the record is running or waiting. */
  isAsked(id: string): boolean {
    return this.#waiting.has(id) || this.#underWay.has(id);
  }

  /**
   * @param parent the parent of the record, if the read is for watchers of its collection
   * @throws {StatusError} the errors of the store
   */
  ask(id: string, parent?: string): Promise<Operation | undefined> {
    const known = this.#waiting.get(id);
    if (known !== undefined) {
      if (known.parent === undefined && parent !== undefined) this.#withParent++;
      known.parent ??= parent;
      return known.promise;
    }
    const asked: Asked = { ...Promise.withResolvers<Operation | undefined>(), parent };
    // Requests on behalf of watchers ignore the promise.
    asked.promise.catch(() => undefined);
    this.#waiting.set(id, asked);
    if (parent !== undefined) this.#withParent++;
    this.#goOn();
    return asked.promise;
  }

  /** Drops waiting reads that are no longer needed or awaited. */
  drop(isWanted: (id: string, parent: string | undefined) => boolean): void {
    for (const [id, asked] of this.#waiting) if (!isWanted(id, asked.parent)) this.#take(id, asked);
  }

  /** Begins waiting reads, up to the limit. */
  #goOn(): void {
    for (const [id, asked] of this.#waiting) {
      if (this.#underWay.size >= AT_ONCE_MAX) return;
      if (this.#underWay.has(id)) continue;
      this.#take(id, asked);
      this.#underWay.add(id);
      void this.#read(id, asked);
    }
  }

  #take(id: string, { parent }: Asked): void {
    this.#waiting.delete(id);
    if (parent !== undefined) this.#withParent--;
  }

  async #read(id: string, asked: Asked): Promise<void> {
    try {
      const operation = await this.#parts.read(id);
      this.#parts.found(id, operation);
      asked.resolve(operation);
    } catch (error) {
      this.#parts.failed(id, asked.parent);
      asked.reject(error);
    } finally {
      this.#underWay.delete(id);
      this.#goOn();
    }
  }
}
