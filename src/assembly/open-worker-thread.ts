import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Lease } from "../core/ports/lease-keeper.ts";
import type { LeaseRenewals, Round } from "../store/leases/renewals.ts";
import { processMs } from "../store/leases/thread-renewals.ts";
import type { RemoteLease } from "../worker/remote/remote-lease.ts";

/** What the thread is started with. */
export interface RenewalThreadData {
  readonly port: MessagePort;
  readonly server: string;
  readonly headers: Headers;
  /** Authorities of servers' certificates beside those that are known, as PEM; empty for none. */
  readonly ca: string;
}

/** Of every call. */
type Headers = Readonly<Record<string, string>>;

/** To the thread. */
export type ToThread =
  | { readonly keep: RemoteLease; readonly leaseMs: number }
  | { readonly letGo: Lease }
  | { readonly headers: Headers }
  | "close";

/** From the thread. `startedAt` of a round is on the clock that threads share. */
export type FromThread =
  | { readonly round: Round }
  | { readonly failed: number; readonly error: Error }
  | "ready";

/** The same file beside this one, whether sources run as they are or as they were built. */
const ENTRY = new URL(
  `./open-worker-thread-entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/**
 * Renewals over a network in a thread, on a connection of its own: they go on while the event loop is blocked. This is the main
 * thread's end.
 *
 * Rounds come as messages; {@link catchUp} reads those that a blocked event loop has not read yet. If the thread dies, nothing
 * is renewed any more; attempts stop in time, since they trust only what was renewed.
 */
export class RenewalThread implements LeaseRenewals {
  readonly #port: MessagePort;
  readonly #worker: Worker;
  readonly #hear: (round: Round) => void;
  readonly #tell: Tell;
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  /** From this thread's monotonic clock to the one that threads share. Large rather than small: renewals look older. */
  readonly #offsetMs: number;

  constructor(parts: {
    readonly data: Omit<RenewalThreadData, "port">;
    readonly clock: Clock;
    readonly tell: Tell;
    /** Is told of each round. */
    readonly hear: (round: Round) => void;
  }) {
    const ownMs = parts.clock.monotonic();
    this.#offsetMs = processMs() - ownMs;
    this.#hear = parts.hear;
    this.#tell = parts.tell;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on("message", (message: FromThread) => this.#read(message));
    this.#port.unref();
    this.#worker = this.#start({ ...parts.data, port: port2 });
  }

  /** Resolves when the thread is at work, before the first lease: its handler may block everything else from its first line on. */
  async ready(): Promise<void> {
    await Promise.race([this.#ready.promise, this.#ended.promise]);
  }

  /** @param lease a {@link RemoteLease} */
  keep(lease: Lease, leaseMs: number): void {
    this.#send({ keep: lease as RemoteLease, leaseMs });
  }

  letGo({ id, attempt }: Lease): void {
    this.#send({ letGo: { id, attempt } });
  }

  /** What calls present from now on. */
  present(headers: Headers): void {
    this.#send({ headers });
  }

  catchUp(): void {
    for (;;) {
      const received = receiveMessageOnPort(this.#port);
      if (received === undefined) return;
      this.#read(received.message as FromThread);
    }
  }

  stop(): void {
    this.#send("close");
  }

  /** Renews nothing any more. Resolves when the thread has ended. */
  async close(): Promise<void> {
    this.stop();
    await this.#worker.terminate();
    this.#port.close();
  }

  #send(message: ToThread): void {
    const port = this.#port;
    port.postMessage(message);
  }

  #read(message: FromThread): void {
    if (message === "ready") this.#ready.resolve();
    else if ("round" in message) {
      const { startedAt, ...round } = message.round;
      this.#hear({ ...round, startedAt: startedAt - this.#offsetMs });
    } else this.#tell["leases.not-renewed"]?.({ count: message.failed, error: message.error });
  }

  #start(workerData: RenewalThreadData): Worker {
    // No flags of the process: `--input-type` and `--eval`, for one, do not go with a thread that is a file.
    const worker = new Worker(ENTRY, {
      workerData,
      transferList: [workerData.port],
      name: "longrunning leases",
      execArgv: [],
    });
    worker.on("error", (error: Error) => this.#tell["leases.unattended"]?.({ error }));
    worker.on("exit", () => this.#ended.resolve());
    // It must not keep a process alive that has nothing else to do.
    worker.unref();
    return worker;
  }
}
