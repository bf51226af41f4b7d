import { Worker } from "node:worker_threads";
import type { Tell } from "../../core/events.ts";
import type { LeaseLink } from "../leases/thread-renewals.ts";
import type { DatabaseOptions } from "./database.ts";

/** What the thread is started with. */
export interface LeaseThreadData extends LeaseLink {
  readonly options: DatabaseOptions;
  readonly isDistributed: boolean;
}

/** The same file beside this one, whether sources run as they are or as they were built. */
const ENTRY = new URL(
  `./lease-thread-entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/**
 * The main thread's end of the thread that renews leases, on a connection of its own. If it dies, leases are not renewed any
 * more; their attempts stop in time, since they trust only what was renewed.
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
   * Resolves when the thread is at work. To be waited for before the first lease, whose handler may block everything else
   * from its first line on.
   */
  async ready(): Promise<void> {
    await Promise.race([this.#ready.promise, this.#ended.promise]);
  }

  /** Renews nothing any more. Resolves when the thread has ended. */
  async stop(): Promise<void> {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#worker.postMessage("close");
    await this.#ended.promise;
  }

  #start(): Worker {
    // No flags of the process: `--input-type` and `--eval`, for one, do not go with a thread that is a file.
    const worker = new Worker(ENTRY, {
      workerData: this.#data,
      transferList: [this.#data.port],
      name: "longrunning leases",
      execArgv: [],
    });
    worker.on("message", (message: "ready" | "closed") => {
      if (message === "ready") this.#ready.resolve();
      // From here, since not every runtime lets a thread close its own port.
      else void worker.terminate();
    });
    worker.on("error", (error: Error) => {
      this.#tell["leases.unattended"]?.({ error });
    });
    worker.on("exit", () => this.#ended.resolve());
    // It must not keep a process alive that has nothing else to do.
    worker.unref();
    return worker;
  }
}
