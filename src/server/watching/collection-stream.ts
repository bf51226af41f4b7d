import { formatName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { LIMITS } from "../../core/limits.ts";
import type { WatchedOperations } from "../../engine/watching/watching.ts";
import { type WatchEvent, WatchStream } from "./watch-stream.ts";

/** What a change, or an operation of a page, costs that waits, beside its payloads. */
const CHANGE_BYTES = 1_024;

/**
 * The stream of a collection: the newest of its operations, that these were all, and then changes. Of each operation the newest change
 * waits while the caller does not read. Where that becomes too much, the stream ends, and whoever watches begins anew.
 */
export class CollectionStream extends WatchStream {
  /** What has changed and is not sent, by name; null for what is gone. */
  readonly #changes = new Map<string, Operation | null>();
  #bytes = 0;
  #page: Operation[] = [];
  #next: WatchedOperations["next"] | undefined;
  #isReading = false;
  /** What is sent now: the newest, that these were all, or changes. */
  #phase: "newest" | "end" | "changes" = "newest";

  /** Where the newest come from. To be called before the stream is opened. */
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
    // It was read behind the change.
    if (change !== undefined && change !== null && change.revision <= operation.revision) this.#drop(name);
    this.#setBytes(this.#bytes - bytesOf(operation));
    return { operation, isLast: false };
  }

  /** The next page, and then on. */
  async #read(): Promise<void> {
    if (this.#isReading || this.#next === undefined) return;
    this.#isReading = true;
    try {
      const page = await this.#next();
      if (page === undefined) this.#phase = "end";
      else this.#keepPage(page);
    } catch {
      // What is wrong is told to whoever watches anew.
      this.endNow();
    }
    this.#isReading = false;
    this.goOn();
  }

  #keepPage(page: readonly Operation[]): void {
    // It is over.
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

  /** @returns whether there is room for so many */
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
