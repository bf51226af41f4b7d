import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { onMessage } from "../thread-messages.ts";
import { LeaseTable } from "./lease-table.ts";
import type { LeaseRenewals, Round } from "./renewals.ts";
import { type LeaseLink, ThreadRenewals } from "./thread-renewals.ts";

/** Messages from the thread. The last one tells of renewals that failed. */
export type FromLeaseThread = "ready" | "closed" | { readonly failed: number; readonly error: Error };

/**
 * The main thread's side of a thread that renews leases, on its own connection. If it dies,
 * renewals stop; attempts then stop in time, because they rely only on completed renewals.
 */
export class LeaseThread {
  readonly #table = new LeaseTable();
  readonly #port: MessagePort;
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(parts: {
    /** The file of the thread. It calls `renewLeases` and sends {@link FromLeaseThread}. */
    readonly entry: URL;
    /** The start data of the thread, besides its {@link LeaseLink}. */
    readonly data: object;
    readonly clock: Clock;
    readonly tell: Tell;
  }) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#clock = parts.clock;
    this.#tell = parts.tell;
    const link: LeaseLink = { port: port2, leases: this.#table.buffer };
    this.#worker = this.#start(parts.entry, { ...parts.data, ...link }, port2);
  }

  /**
   * Resolves when the thread is ready. Wait for it before the first lease, because a handler may
   * block the event loop from its first line.
   */
  async ready(): Promise<void> {
    await Promise.race([this.#ready.promise, this.#ended.promise]);
  }

  /** Renews leases in the thread. Call it once. */
  renewals(hear: (round: Round) => void): LeaseRenewals {
    return new ThreadRenewals({ port: this.#port, table: this.#table, clock: this.#clock, hear });
  }

  send(message: unknown): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#worker.postMessage(message);
  }

  /** Stops all renewals. Resolves when the thread has ended. */
  async stop(): Promise<void> {
    this.send("close");
    await this.#ended.promise;
  }

  #start(entry: URL, workerData: object, port: MessagePort): Worker {
    // Do not inherit the flags of the process: `--input-type` and `--eval`, for example, fail in a
    // thread that runs a file.
    const options = { workerData, transferList: [port], name: "longrunning leases", execArgv: [] };
    const worker = new Worker(entry, options);
    onMessage(worker, (message: FromLeaseThread) => {
      if (message === "ready") this.#ready.resolve();
      // Terminated from here, because not every runtime lets a thread close its own port.
      else if (message === "closed") void worker.terminate();
      else this.#tell["leases.not-renewed"]?.({ count: message.failed, error: message.error });
    });
    worker.on("error", (error: Error) => this.#tell["leases.unattended"]?.({ error }));
    worker.on("exit", () => this.#ended.resolve());
    // The thread must not keep an otherwise finished process alive.
    worker.unref();
    return worker;
  }
}
