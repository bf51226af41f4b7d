import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Output } from "../io.ts";

/** Formats the line about dropped lines. */
export type DroppedLine = (count: number) => string;

/**
 * Writes the lines of a log, and never delays the code that logs.
 *
 * An output can be *slow* (the reader of a pipe exists but does not read) or *broken* (the reader
 * has gone, or the disk is full). Lines wait for a slow output, up to `LIMITS.logBytesMax`; all
 * others are dropped and counted. As soon as the output works again, a line reports the number of
 * dropped lines: when the last waiting line was accepted, with the next line, or with the next
 * retry, whichever is first.
 */
export class LogSink {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #droppedLine: DroppedLine;
  #waitingBytes = 0;
  /** The number of dropped lines that were not reported yet. */
  #dropped = 0;
  /** Whether the last write failed, and may have left an incomplete line. */
  #broken = false;
  /**
   * While the line about dropped lines is being written, others are dropped too: it shows whether
   * the output works.
   */
  #telling = false;
  #retrying = false;

  constructor(output: Output, clock: Clock, droppedLine: DroppedLine) {
    this.#output = output;
    this.#clock = clock;
    this.#droppedLine = droppedLine;
  }

  /** @param line includes its line break */
  write(line: string): void {
    if (this.#telling || this.#waitingBytes >= LIMITS.logBytesMax) this.#drop(1);
    else if (this.#dropped > 0) this.#tell(line);
    else this.#put(line, (works) => (works ? undefined : this.#drop(1)));
  }

  /** Reports the dropped lines, and then writes a line. */
  #tell(line: string): void {
    const count = this.#dropped;
    this.#telling = true;
    const text = `${this.#broken ? "\n" : ""}${this.#droppedLine(count)}${line}`;
    this.#put(text, (works) => {
      this.#telling = false;
      if (works) this.#dropped -= count;
      else this.#drop(line === "" ? 0 : 1);
    });
  }

  #put(text: string, then: (works: boolean) => void): void {
    const bytes = Buffer.byteLength(text);
    this.#waitingBytes += bytes;
    this.#output.write(text, (error) => {
      this.#waitingBytes -= bytes;
      this.#broken = error !== undefined && error !== null;
      then(!this.#broken);
      if (!this.#broken && this.#waitingBytes === 0 && this.#dropped > 0 && !this.#telling) this.#tell("");
    });
  }

  #drop(count: number): void {
    this.#dropped += count;
    if (this.#retrying) return;
    this.#retrying = true;
    this.#clock.after(LIMITS.logRetryMs, () => {
      this.#retrying = false;
      if (this.#dropped === 0) return;
      if (this.#telling || this.#waitingBytes > 0) this.#drop(0);
      else this.#tell("");
    });
  }
}
