import { Worker } from "node:worker_threads";
import type { Tell } from "../../core/events.ts";
import type { LeaseLink } from "../leases/thread-renewals.ts";
import { onMessage } from "../thread-messages.ts";
import type { DatabaseOptions } from "./database.ts";

/** The start data of the thread. */
export interface LeaseThreadData extends LeaseLink {
  readonly options: DatabaseOptions;
  readonly isDistributed: boolean;
}

/** The entry file of the thread: `.ts` in the sources, `.js` in the package. */
const ENTRY = new URL(
  `./lease-thread-entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/**
 * The main thread's side of the thread that renews leases, on its own connection. If it dies,
 * renewals stop; attempts then stop in time, because they rely only on completed renewals.
 */
export class PostgresLeaseThread {
  readonly #data: LeaseThreadData;
  readonly #tell: Tell;
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();

  constructor(parts: {
    readonly options: DatabaseOptions;
    readonly isDistributed: boolean;
    readonly link: LeaseLink;
    readonly tell: Tell;
  }) {
    const { options, isDistributed, link } = parts;
    this.#data = { options: { ...options, connections: 1 }, isDistributed, ...link };
    this.#tell = parts.tell;
    this.#worker = this.#start();
  }

  /**
   * Resolves when the thread is ready. Wait for it before the first lease, because a handler may
   * block the event loop from its first line.
   */
  async ready(): Promise<void> {
    await Promise.race([this.#ready.promise, this.#ended.promise]);
  }

  /** Stops all renewals. Resolves when the thread has ended. */
  async stop(): Promise<void> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#worker.postMessage("close");
    await this.#ended.promise;
  }

  #start(): Worker {
    // Do not inherit the flags of the process: `--input-type` and `--eval`, for example, fail in a
    // thread that runs a file.
    const worker = new Worker(ENTRY, {
      workerData: this.#data,
      transferList: [this.#data.port],
      name: "longrunning leases",
      execArgv: [],
    });
    onMessage(worker, (message: "ready" | "closed") => {
      if (message === "ready") this.#ready.resolve();
      // Terminated from here, because not every runtime lets a thread close its own port.
      else void worker.terminate();
    });
    worker.on("error", (error: Error) => {
      this.#tell["leases.unattended"]?.({ error });
    });
    worker.on("exit", () => this.#ended.resolve());
    // The thread must not keep an otherwise finished process alive.
    worker.unref();
    return worker;
  }
}
