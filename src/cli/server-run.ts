import { formatDuration } from "../core/value/duration.ts";
import type { EventName, Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import type { Served } from "../assembly/serve.ts";
import { traceparentOf } from "../core/trace-context.ts";
import { currentAttempt } from "../worker/current-attempt.ts";
import { EXIT, type ExitName } from "./exit.ts";
import type { Io } from "./io.ts";
import type { ServerLog } from "./log/log.ts";
import type { Stray } from "./strays.ts";

/** The process's work, as far as its end is concerned. */
export interface Runnable {
  readonly operations: Pick<Served["operations"], "running" | "abandoned"> &
    Partial<Pick<Served["operations"], "lost">>;
  stop: Served["stop"];
}

/** The options for running a server's process. */
export interface RunOptions {
  readonly io: Io;
  readonly tell: Tell;
  /** Flushed before the process ends. */
  readonly log: Pick<ServerLog, "flush">;
  readonly drainMs: number;
  readonly drainDelayMs: number;
}

/**
 * The time for releasing running operations after an uncaught error: abort, give up, write, and a
 * second more.
 */
const GIVE_BACK_MS = 3 * LIMITS.drainAbortMs + 1_000;

/**
 * The process of a server, or of a worker of a server, from its start to its end. It ends
 *
 * - on SIGTERM or Ctrl-C, in order: delay, drain, exit code 0; or 1 if a handler ignores its
 *   signal, because only the end of the process stops that handler;
 * - on the second signal, at once;
 * - on an uncaught error, or on `process.exit` in a handler: running operations are released
 *   without counting as failed, except the attempt that caused it, and the exit code is 1, so that
 *   a process manager starts it again;
 * - when its store is permanently lost, which the store has logged by then: exit code 1.
 *
 * Before it serves, a signal ends it at once, because there is nothing to drain. A log that cannot
 * be written never ends it.
 */
export class ServerRun {
  readonly #options: RunOptions;
  readonly #ended = Promise.withResolvers<ExitName>();
  readonly #seen = new Set<unknown>();
  #served: Runnable | undefined;
  #stopping = false;
  #failed = false;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  /**
   * Starts the server and resolves when it has ended.
   *
   * @param announce tells the user that it serves
   */
  async run<S extends Runnable>(open: () => Promise<S>, announce: (served: S) => void): Promise<ExitName> {
    const { io, log } = this.#options;
    io.surviveBrokenOutput();
    const removals = [
      io.onInterrupt(() => this.#interrupt()),
      io.onStray((stray) => this.#noticeStray(stray)),
    ];
    try {
      const served = await open();
      this.#served = served;
      announce(served);
      void served.operations.lost?.then(() => this.#giveBack());
      return await this.#ended.promise;
    } finally {
      log.flush();
      for (const remove of removals) remove();
      // A user's module may have left a timer or a connection.
      io.exitSoon();
    }
  }

  #interrupt(): void {
    const { tell, drainMs, drainDelayMs } = this.#options;
    if (this.#served === undefined) {
      tell["process.interrupted"]?.({});
      this.#exit("interrupted");
      return;
    }
    if (this.#stopping) {
      tell["process.cut"]?.({});
      this.#exit("interrupted");
      return;
    }
    const { running } = this.#served.operations;
    const delay = drainDelayMs === 0 ? "" : `; the port stays open for ${formatDuration(drainDelayMs)}`;
    const drain =
      running === 0 ? "" : `; up to ${formatDuration(drainMs)} for them, a second signal stops at once`;
    tell["process.stopping"]?.({ running, patience: `${running} running${delay}${drain}` });
    this.#stop(this.#served, {});
  }

  #stop(served: Runnable, how: Parameters<Served["stop"]>[0]): void {
    this.#stopping = true;
    const stopped = async (): Promise<ExitName> => {
      await served.stop(how);
      const { abandoned } = served.operations;
      // Handlers that still run would run beside the next attempt.
      if (abandoned.length > 0) this.#exit("failed");
      return this.#failed || abandoned.length > 0 ? "failed" : "succeeded";
    };
    this.#ended.resolve(stopped());
  }

  #noticeStray(stray: Stray): void {
    const { io, log, tell } = this.#options;
    if (stray.how === "ending") {
      const running = this.#served?.operations.running ?? 0;
      tell["process.ended"]?.({ running, exitCode: stray.code });
      log.flush();
      if (stray.code === 0) io.setExitCode(EXIT.failed);
      return;
    }
    // The error that `process.exit` throws in a handler arrives here if the handler does not catch
    // it.
    if (this.#seen.has(stray.error)) return;
    this.#seen.add(stray.error);
    const here = currentAttempt();
    const { operation, method, attempt, traceContext = null } = here ?? {};
    const traceparent = traceparentOf(traceContext);
    tell[STRAY_EVENTS[stray.how]]?.({ operation, method, attempt, traceparent, error: stray.error });
    here?.fail(stray.error);
    this.#giveBack();
  }

  #giveBack(): void {
    const { io, tell } = this.#options;
    if (this.#served === undefined) {
      this.#exit("failed");
      return;
    }
    if (this.#failed) return;
    this.#failed = true;
    tell["process.giving-back"]?.({ running: this.#served.operations.running });
    io.clock.after(GIVE_BACK_MS, () => this.#exit("failed"));
    this.#stop(this.#served, { drain: "0s", drainDelay: "0s" });
  }

  #exit(name: ExitName): void {
    this.#options.log.flush();
    this.#options.io.exit(EXIT[name]);
  }
}

const STRAY_EVENTS = {
  exception: "process.exception",
  rejection: "process.rejection",
  exit: "process.exit-called",
} as const satisfies Readonly<Record<Exclude<Stray["how"], "ending">, EventName>>;
