import { formatName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { LIMITS } from "../../core/limits.ts";
import type { WatchedOperations } from "../../engine/watching/watching.ts";
import { type WatchEvent, WatchStream } from "./watch-stream.ts";

/** The memory for a waiting change, or an operation of a page, besides its payloads. */
const CHANGE_BYTES = 1_024;

/**
 * The stream of a collection: the newest operations, a mark that these were all, and then changes.
 * While the caller does not read, the newest change of each operation waits. If too much waits, the
 * stream ends, and the caller must start a new watch.
 */
export class CollectionStream extends WatchStream {
  /** Unsent changes by name; null for a removal. */
  readonly #changes = new Map<string, Operation | null>();
  #bytes = 0;
  #page: Operation[] = [];
  #next: WatchedOperations["next"] | undefined;
  #isReading = false;
  /** The current phase: the newest operations, the mark after them, or changes. */
  #phase: "newest" | "end" | "changes" = "newest";

  /** Sets the source of the newest operations. Call it before the stream is opened. */
  begin(next: WatchedOperations["next"]): void {
    this.#next = next;
  }

  changed(operation: Operation): void {
    this.#keep(formatName(operation), operation);
  }

  removed(name: string): void {
    this.#keep(name, null);
  }

  protected take(): WatchEvent | undefined {
    if (this.#phase === "newest") return this.#takeNewest();
    if (this.#phase === "end") {
      this.#phase = "changes";
      return { initialEnd: true, isLast: false };
    }
    const [change] = this.#changes;
    if (change === undefined) return undefined;
    const [name, operation] = change;
    this.#drop(name);
    return operation === null ? { removed: name, isLast: false } : { operation, isLast: false };
  }

  protected clear(): void {
    this.#changes.clear();
    this.#setBytes(0);
    this.#page = [];
    this.#next = undefined;
  }

  #takeNewest(): WatchEvent | undefined {
    const operation = this.#page.shift();
    if (operation === undefined) {
      void this.#read();
      return undefined;
    }
    const name = formatName(operation);
    const change = this.#changes.get(name);
    // The operation was read after the change.
    if (change !== undefined && change !== null && change.revision <= operation.revision) this.#drop(name);
    this.#setBytes(this.#bytes - bytesOf(operation));
    return { operation, isLast: false };
  }

  /** Reads the next page, and continues. */
  async #read(): Promise<void> {
    if (this.#isReading || this.#next === undefined) return;
    this.#isReading = true;
    try {
      const page = await this.#next();
      if (page === undefined) this.#phase = "end";
      else this.#keepPage(page);
    } catch {
      // The caller gets the error when it starts a new watch.
      this.endNow();
    }
    this.#isReading = false;
    this.goOn();
  }

  #keepPage(page: readonly Operation[]): void {
    // The stream has ended.
    if (this.#next === undefined) return;
    this.#page = [...page];
    const bytes = page.reduce((sum, operation) => sum + bytesOf(operation), 0);
    if (!this.#setBytes(this.#bytes + bytes)) this.endNow();
  }

  #keep(name: string, operation: Operation | null): void {
    this.#drop(name);
    this.#changes.set(name, operation);
    if (!this.#setBytes(this.#bytes + bytesOf(operation))) return this.endNow();
    if (this.#phase === "changes") this.goOn();
  }

  #drop(name: string): void {
    const change = this.#changes.get(name);
    if (change === undefined) return;
    this.#changes.delete(name);
    this.#setBytes(this.#bytes - bytesOf(change));
  }

  /** @returns whether this many bytes are allowed */
  #setBytes(bytes: number): boolean {
    const total = this.addPending(bytes - this.#bytes);
    this.#bytes = bytes;
    const left = LIMITS.watchPendingBytesAllMax - total;
    return bytes <= LIMITS.watchPendingBytesMax && bytes <= left / LIMITS.watchPendingShare;
  }
}

function bytesOf(operation: Operation | null): number {
  if (operation === null) return CHANGE_BYTES;
  const { metadata, response } = operation;
  return CHANGE_BYTES + (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
}
