import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Output } from "../io.ts";

/** Makes the line that tells of lines that were dropped. */
export type DroppedLine = (count: number) => string;

/**
 * Writes the lines of a log, and never stands in the way of what is logged.
 *
 * An output can be *slow* (the reader of a pipe is alive and does not read) or *broken* (the reader has gone, the disk is
 * full). Lines wait for a slow one up to `LIMITS.logBytesMax`; all others are dropped and counted. As soon as the output
 * works again, a line says how many were dropped: when the last waiting line has been taken, with the next line, or with
 * the next try of its own, whichever is first.
 */
export class LogSink {
  readonly #output: Output;
  readonly #clock: Clock;
  readonly #droppedLine: DroppedLine;
  #waitingBytes = 0;
  /** Lines dropped and not yet told of. */
  #dropped = 0;
  /** Whether the last write failed, and may have left half a line. */
  #broken = false;
  /** While the line about dropped lines is under way, others are dropped too: it shows whether the output works. */
  #telling = false;
  #retrying = false;

  constructor(output: Output, clock: Clock, droppedLine: DroppedLine) {
    this.#output = output;
    this.#clock = clock;
    this.#droppedLine = droppedLine;
  }

  /** @param line with its line break */
  write(line: string): void {
    if (this.#telling || this.#waitingBytes >= LIMITS.logBytesMax) this.#drop(1);
    else if (this.#dropped > 0) this.#tell(line);
    else this.#put(line, (works) => (works ? undefined : this.#drop(1)));
  }

  /** Tells of what was dropped, and writes a line behind it. */
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
