import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { isDone } from "../../core/operation/operation.ts";
import type { WaitingConnection } from "../../core/ports/abort.ts";
import type { Watch, Watcher } from "../../engine/watching/watcher.ts";
import type { Timed, WatchStreams } from "./watch-streams.ts";

/** Where the stream of a watch goes: an answer over HTTP, or a call of gRPC. */
export interface WatchSink {
  /** Sends; `taken` is called when the caller's side has room for more. @throws {StatusError} where it cannot be shown */
  operation(operation: Operation, taken: () => void): void;
  /** An operation is not there, or does not match, any more. */
  removed(name: string, taken: () => void): void;
  /** What is there has been sent; what follows are changes. Of collections. */
  initialEnd(taken: () => void): void;
  /** Shows those in between that there is life. */
  comment(taken: () => void): void;
  /** Ends the stream in order. @param error why, where it is to be told */
  end(error?: StatusError): void;
  /** Cuts the caller off. */
  cut(): void;
}

/** What is to be sent next. */
export type WatchEvent =
  | { readonly operation: Operation; readonly isLast: boolean }
  | { readonly removed: string; readonly isLast: boolean }
  | { readonly initialEnd: true; readonly isLast: boolean };

/**
 * The stream of a watch, from its head to its end.
 *
 * Words: it is *busy* from when it sends until that is taken. What changes meanwhile is kept, the newest of each operation, and sent
 * then. It holds a place of its connection's share while it is busy, and steps aside when it is not.
 *
 * It ends with what is the last to be told, when the caller hangs up, when it has been busy for `LIMITS.watchUndrainedMs`, after
 * `LIMITS.watchMsMax`, and when the server stops.
 */
export abstract class WatchStream implements Watcher, Timed {
  readonly #streams: WatchStreams;
  readonly #waiting: WaitingConnection;
  #watch: Pick<Watch, "leave"> | undefined;
  #sink: WatchSink | undefined;
  tick: number | undefined;
  #isBusy = false;
  /** Whether what is sent now is the last. */
  #isLast = false;
  #isOver = false;
  /** When it began to be busy; or when it sent something last. */
  #since = 0;
  #endTime: number;
  /** After so long it says that it lives: not all who came together at once. */
  readonly #silenceMs: number;

  /** @param options.lifeMs it is ended after this, where that is sooner than any is */
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

  /** Takes what is to be sent next; undefined for nothing. */
  protected abstract take(): WatchEvent | undefined;
  /** Forgets what is to be sent. */
  protected abstract clear(): void;
  abstract changed(operation: Operation): void;
  abstract removed(name: string): void;

  /** Begins to send, what came meanwhile first. @param watch is left when the stream is over */
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

  /** Sends what there is to be sent, where the caller has taken all before. */
  protected goOn(): void {
    if (this.#sink === undefined || this.#isBusy || this.#isOver) return;
    this.#setBusy(true);
    void this.#waiting.stepBack().then(
      () => this.#sendNext(),
      // Its caller is gone, which is heard of.
      () => undefined,
    );
  }

  /** Ends the stream, whatever has not been sent. */
  protected endNow(): void {
    this.#close(() => this.#sink?.end());
  }

  /** Counts bytes that wait to be sent. @returns how many wait in all streams */
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
      // What cannot be shown, as where a key is missing: nobody else is to suffer from it.
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

/** The stream of one operation: the newest is all that is kept. */
export class OperationStream extends WatchStream {
  #revision = 0;
  #next: WatchEvent | undefined;

  /** Passes over a revision that the caller knows. */
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
