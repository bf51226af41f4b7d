import { serviceError, type StatusError } from "../core/error/error.ts";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import type { Clock } from "../core/ports/clock.ts";

/** The destination of lines. */
export interface LineOutput {
  /** Appends text. Rejects if the text was not written completely. */
  write(text: string): Promise<void>;
}

/**
 * What happens to a call if its record cannot be written: it continues and the line is written
 * later, or it is refused.
 */
export type OnFailure = "continue" | "refuse";

/** The parts of the lines. */
export interface LinesParts {
  readonly output: LineOutput;
  readonly onFailure: OnFailure;
  readonly clock: Pick<Clock, "after">;
  readonly tell: Tell;
}

interface Line {
  readonly text: string;
  readonly bytes: number;
  /** Settles the promise of the caller that waits for it. Undefined once settled. */
  settle: ((error?: StatusError) => void) | undefined;
}

/**
 * Lines on their way to an output, in order: one write is in progress at a time, with all lines
 * waiting at its start.
 *
 * States: it *works*, or it *fails*, from a failed write to the next successful one, which is tried
 * every `LIMITS.auditRetryMs`. A failed write may have left a part: the next one begins on a new
 * line and repeats everything, so readers may find a line twice or partly, but none missing. While
 * it fails, lines wait, up to `LIMITS.auditBytesMax`; further lines are dropped and counted.
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

  /**
   * @throws {StatusError} UNAVAILABLE AUDIT_UNAVAILABLE if lines cannot be written, and calls must
   * then be refused
   */
  check(): void {
    if (this.#fails && this.#parts.onFailure === "refuse") throw unavailable();
  }

  /**
   * Writes a line, which includes its line break.
   *
   * @returns resolves when it is written, or at once if calls do not wait for it; rejects with
   * AUDIT_UNAVAILABLE
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

  /** Resolves when all lines were written, or were tried once more. */
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
    // A slow output may lose lines too, without failing.
    if (!this.#fails && this.#dropped === 0) return;
    this.#fails = false;
    this.#parts.tell["audit.recovered"]?.({ count: this.#dropped });
    this.#dropped = 0;
  }

  #failed(lines: readonly Line[], error: unknown): void {
    const { onFailure, clock, tell } = this.#parts;
    // Lines added meanwhile fail together with these.
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
