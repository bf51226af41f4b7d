import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { isDone } from "../../core/operation/operation.ts";
import type { WaitingConnection } from "../../core/ports/abort.ts";
import type { Watch, Watcher } from "../../engine/watching/watcher.ts";
import type { Timed, WatchStreams } from "./watch-streams.ts";

/** The destination of a watch's stream: an answer over HTTP, or a call of gRPC. */
export interface WatchSink {
  /**
   * Sends an operation; `taken` is called when there is room for more. @throws {StatusError} if the
   * operation cannot be shown
   */
  operation(operation: Operation, taken: () => void): void;
  /** Reports that an operation was removed, or no longer matches. */
  removed(name: string, taken: () => void): void;
  /** Reports that the current state was sent, and that changes follow. For collections only. */
  initialEnd(taken: () => void): void;
  /** Shows intermediaries that the connection is alive. */
  comment(taken: () => void): void;
  /** Ends the stream in order. @param error the reason, if it should be sent */
  end(error?: StatusError): void;
  /** Disconnects the caller. */
  cut(): void;
}

/** The next message. */
export type WatchEvent =
  | { readonly operation: Operation; readonly isLast: boolean }
  | { readonly removed: string; readonly isLast: boolean }
  | { readonly initialEnd: true; readonly isLast: boolean };

/**
 * The stream of a watch, from its head to its end.
 *
 * Terms: the stream is *busy* from sending a message until the message is taken. Changes in the
 * meantime are kept (the newest of each operation) and then sent. A busy stream holds a place of
 * its connection's share, and otherwise steps aside.
 *
 * It ends with its last message, when the caller disconnects, when it has been busy for
 * `LIMITS.watchUndrainedMs`, after `LIMITS.watchMsMax`, and when the server stops.
 */
export abstract class WatchStream implements Watcher, Timed {
  readonly #streams: WatchStreams;
  readonly #waiting: WaitingConnection;
  #watch: Pick<Watch, "leave"> | undefined;
  #sink: WatchSink | undefined;
  tick: number | undefined;
  #isBusy = false;
  /** Whether the current message is the last. */
  #isLast = false;
  #isOver = false;
  /** The time when it became busy, or when it last sent something. */
  #since = 0;
  #endTime: number;
  /**
   * The longest silence before it sends a comment; it differs between streams, so that those opened
   * together do not send together.
   */
  readonly #silenceMs: number;

  /**
   * @param options.lifeMs the stream ends after this time, if it is shorter than the general limit
   */
  constructor(options: {
    readonly streams: WatchStreams;
    readonly waiting: WaitingConnection;
    readonly lifeMs?: number | undefined;
  }) {
    this.#streams = options.streams;
    this.#waiting = options.waiting;
    this.#silenceMs = this.#streams.silenceMs();
    const { lifeMs = Number.POSITIVE_INFINITY } = options;
    this.#endTime = this.#streams.clock.monotonic() + Math.min(lifeMs, LIMITS.watchMsMax);
  }

  /** Takes the next message; undefined for none. */
  protected abstract take(): WatchEvent | undefined;
  /** Drops all unsent messages. */
  protected abstract clear(): void;
  abstract changed(operation: Operation): void;
  abstract removed(name: string): void;

  /**
   * Starts to send, beginning with changes that arrived before. @param watch left when the stream
   * ends
   */
  open(sink: WatchSink, watch: Pick<Watch, "leave">): void {
    this.#sink = sink;
    this.#watch = watch;
    this.#since = this.#streams.clock.monotonic();
    if (this.#isOver || this.#waiting.aborted) {
      watch.leave();
      return sink.end();
    }
    this.#waiting.addEventListener("abort", this.#onAbort);
    this.#streams.add(this);
    this.#waiting.stepAside();
    this.goOn();
  }

  ended(error?: StatusError): void {
    if (this.#isOver) return;
    this.clear();
    if (error !== undefined) return this.#close(() => this.#sink?.end(error));
    this.endBy(this.#streams.stopTime());
  }

  endBy(time: number): void {
    this.#endTime = Math.min(this.#endTime, time);
    this.#streams.hasten(this, this.#endTime);
  }

  look(now: number): number | undefined {
    if (this.#isOver) return undefined;
    const silentMs = now - this.#since;
    if (this.#isBusy && silentMs >= LIMITS.watchUndrainedMs) this.#close(() => this.#sink?.cut());
    else if (now >= this.#endTime) this.#close(() => this.#sink?.end());
    else if (!this.#isBusy && silentMs >= this.#silenceMs) this.#send((sink, taken) => sink.comment(taken));
    if (this.#isOver) return undefined;
    const dueMs = this.#isBusy ? LIMITS.watchUndrainedMs : this.#silenceMs;
    return Math.min(this.#since + dueMs, this.#endTime, now + this.#silenceMs);
  }

  /** Sends the next message, if the caller has taken all before. */
  protected goOn(): void {
    if (this.#sink === undefined || this.#isBusy || this.#isOver) return;
    this.#setBusy(true);
    void this.#waiting.stepBack().then(
      () => this.#sendNext(),
      // The caller has disconnected, which is handled elsewhere.
      () => undefined,
    );
  }

  /** Ends the stream and drops unsent messages. */
  protected endNow(): void {
    this.#close(() => this.#sink?.end());
  }

  /** Counts bytes that wait to be sent. @returns the sum over all streams */
  protected addPending(bytes: number): number {
    return (this.#streams.pendingBytes += bytes);
  }

  #sendNext(): void {
    if (this.#isOver) return;
    const event = this.take();
    if (event === undefined) {
      this.#isBusy = false;
      this.#waiting.stepAside();
      return;
    }
    this.#isLast = event.isLast;
    this.#send((sink, taken) => {
      if ("operation" in event) sink.operation(event.operation, taken);
      else if ("removed" in event) sink.removed(event.removed, taken);
      else sink.initialEnd(taken);
    });
  }

  #send(write: (sink: WatchSink, taken: () => void) => void): void {
    if (this.#sink === undefined) return;
    this.#setBusy(true);
    try {
      write(this.#sink, this.#onTaken);
    } catch (error) {
      // An operation that cannot be shown, for example because its key is missing, must not affect
      // other streams.
      if (!(error instanceof StatusError)) throw error;
      this.#close(() => this.#sink?.end(error));
    }
  }

  #setBusy(isBusy: boolean): void {
    this.#isBusy = isBusy;
    this.#since = this.#streams.clock.monotonic();
  }

  readonly #onTaken = (): void => {
    if (this.#isOver) return;
    this.#since = this.#streams.clock.monotonic();
    if (this.#isLast) this.#close(() => this.#sink?.end());
    else this.#sendNext();
  };

  readonly #onAbort = (): void => this.#close(() => undefined);

  #close(end: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.clear();
    this.#watch?.leave();
    this.#waiting.removeEventListener("abort", this.#onAbort);
    this.#streams.delete(this);
    end();
    this.#sink = undefined;
  }
}

/** The stream of one operation, which keeps only the newest change. */
export class OperationStream extends WatchStream {
  #revision = 0;
  #next: WatchEvent | undefined;

  /** Skips revisions that the caller knows. */
  knows(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    if (this.#next !== undefined && "operation" in this.#next && this.#next.operation.revision <= revision)
      this.#next = undefined;
  }

  changed(operation: Operation): void {
    if (operation.revision <= this.#revision) return;
    this.#revision = operation.revision;
    this.#next = { operation, isLast: isDone(operation) };
    this.goOn();
  }

  removed(name: string): void {
    this.#next = { removed: name, isLast: true };
    this.goOn();
  }

  protected take(): WatchEvent | undefined {
    const next = this.#next;
    this.#next = undefined;
    return next;
  }

  protected clear(): void {
    this.#next = undefined;
  }
}
