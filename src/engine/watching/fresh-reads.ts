import type { Operation } from "../../core/operation/operation.ts";

/** Reads under way at once: some batches of the store. What changes meanwhile waits, and is read once. */
const AT_ONCE_MAX = 64;

/** What reads are made with. */
export interface FreshReadsParts {
  readonly read: (id: string) => Promise<Operation | undefined>;
  /** Is told what each read found. Never throws. */
  readonly found: (id: string, operation: Operation | undefined) => void;
  /** A read failed. @param parent as it was given with the question */
  readonly failed: (id: string, parent: string | undefined) => void;
}

/** A read that waits for others. */
interface Asked extends PromiseWithResolvers<Operation | undefined> {
  parent: string | undefined;
}

/**
 * Reads of records that are as new as the moment in which they were asked for: one serves all who ask for the same record
 * before it begins. Whoever asks while it is under way is served by one more, behind it.
 */
export class FreshReads {
  readonly #parts: FreshReadsParts;
  /** Not begun yet, in the order in which they were asked for. */
  readonly #waiting = new Map<string, Asked>();
  readonly #underWay = new Set<string>();
  #withParent = 0;

  constructor(parts: FreshReadsParts) {
    this.#parts = parts;
  }

  /** Reads that wait for others. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Of those that wait, how many were asked for with their parent. */
  get waitingWithParent(): number {
    return this.#withParent;
  }

  /** The same, by parent. */
  get waitingByParent(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { parent } of this.#waiting.values())
      if (parent !== undefined) counts.set(parent, (counts.get(parent) ?? 0) + 1);
    return counts;
  }

  /** Whether a record is being read, or will be. */
  isAsked(id: string): boolean {
    return this.#waiting.has(id) || this.#underWay.has(id);
  }

  /**
   * @param parent of the record, where it is read for those who watch the collection
   * @throws {StatusError} what the store throws
   */
  ask(id: string, parent?: string): Promise<Operation | undefined> {
    const known = this.#waiting.get(id);
    if (known !== undefined) {
      if (known.parent === undefined && parent !== undefined) this.#withParent++;
      known.parent ??= parent;
      return known.promise;
    }
    const asked: Asked = { ...Promise.withResolvers<Operation | undefined>(), parent };
    // Whoever asked on behalf of watchers alone does not look at it.
    asked.promise.catch(() => undefined);
    this.#waiting.set(id, asked);
    if (parent !== undefined) this.#withParent++;
    this.#goOn();
    return asked.promise;
  }

  /** Forgets reads that wait and that nobody wants any more, nor awaits. */
  drop(isWanted: (id: string, parent: string | undefined) => boolean): void {
    for (const [id, asked] of this.#waiting) if (!isWanted(id, asked.parent)) this.#take(id, asked);
  }

  /** Begins what may begin. */
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
