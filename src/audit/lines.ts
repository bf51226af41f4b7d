import { serviceError, type StatusError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";

/** Where lines go. */
export interface LineOutput {
  /** Appends text. Rejects where all of it, or a part, could not be written. */
  write(text: string): Promise<void>;
}

/** What a call does whose record cannot be written: it goes on, and the line is written later; or it is refused. */
export type OnFailure = "continue" | "refuse";

/** What the lines are written with. */
export interface LinesParts {
  readonly output: LineOutput;
  readonly onFailure: OnFailure;
  readonly clock: Pick<Clock, "after">;
  readonly tell: Tell;
}

interface Line {
  readonly text: string;
  readonly bytes: number;
  /** Tells whoever waits for it. Undefined once told. */
  settle: ((error?: StatusError) => void) | undefined;
}

/**
 * Lines on their way to an output, in their order: one write is under way at a time, and has all that wait by then.
 *
 * States: *works*; or *fails*, from a write that did to the next that does not, which is tried each `LIMITS.auditRetryMs`. A
 * failed write may have left a part: the next begins on a new line and has all of it again, so that readers find a line
 * twice, or half, but none missing. While it fails lines wait, up to `LIMITS.auditBytesMax`; what is above is dropped and
 * counted.
 */
export class Lines {
  readonly #parts: LinesParts;
  #waiting: Line[] = [];
  #bytes = 0;
  #dropped = 0;
  #fails = false;
  #writing: Promise<void> | undefined;

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  /** @throws {StatusError} UNAVAILABLE AUDIT_UNAVAILABLE where lines cannot be written, and that matters */
  check(): void {
    if (this.#fails && this.#parts.onFailure === "refuse") throw unavailable();
  }

  /**
   * Writes a line, with its line break.
   *
   * @returns resolves when it is written, or at once where nobody minds that it is not; rejects with AUDIT_UNAVAILABLE
   */
  add(text: string): Promise<void> {
    const minds = this.#parts.onFailure === "refuse";
    const bytes = Buffer.byteLength(text);
    if (this.#bytes + bytes > LIMITS.auditBytesMax) {
      this.#dropped++;
      return minds ? Promise.reject(unavailable()) : Promise.resolve();
    }
    this.#bytes += bytes;
    if (this.#fails) {
      this.#waiting.push({ text, bytes, settle: undefined });
      return minds ? Promise.reject(unavailable()) : Promise.resolve();
    }
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settle = (error?: StatusError): void => (error === undefined ? resolve() : reject(error));
    this.#waiting.push({ text, bytes, settle });
    this.#writing ??= this.#writeAll();
    return promise;
  }

  /** Resolves when everything is written, or has been tried once more. */
  async end(): Promise<void> {
    await this.#writing;
    if (this.#waiting.length > 0) await this.#writeAll();
  }

  /** Never rejects. */
  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const lines = this.#waiting;
      this.#waiting = [];
      const text = lines.map((line) => line.text).join("");
      try {
        await this.#parts.output.write(this.#fails ? `\n${text}` : text);
      } catch (error) {
        this.#failed(lines, error);
        break;
      }
      this.#wrote(lines);
    }
    this.#writing = undefined;
  }

  #wrote(lines: readonly Line[]): void {
    for (const { bytes, settle } of lines) {
      this.#bytes -= bytes;
      settle?.();
    }
    // A slow output loses lines too, and does not fail.
    if (!this.#fails && this.#dropped === 0) return;
    this.#fails = false;
    this.#parts.tell["audit.recovered"]?.({ count: this.#dropped });
    this.#dropped = 0;
  }

  #failed(lines: readonly Line[], error: unknown): void {
    const { onFailure, clock, tell } = this.#parts;
    // Those that came meanwhile hear of it with the rest.
    this.#waiting = [...lines, ...this.#waiting];
    for (const line of this.#waiting) {
      line.settle?.(onFailure === "refuse" ? unavailable(error) : undefined);
      line.settle = undefined;
    }
    if (!this.#fails) tell["audit.failed"]?.({ error });
    this.#fails = true;
    clock.after(LIMITS.auditRetryMs, () => {
      this.#writing ??= this.#writeAll();
    });
  }
}

function unavailable(cause?: unknown): StatusError {
  const message = "The service keeps a record of such calls, and cannot write it now; try again.";
  return serviceError("AUDIT_UNAVAILABLE", message, { cause });
}
