import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from "node:worker_threads";
import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Lease } from "../core/ports/lease-keeper.ts";
import type { LeaseRenewals, Round } from "../store/leases/renewals.ts";
import { processMs } from "../store/leases/thread-renewals.ts";
import type { RemoteLease } from "../worker/remote/remote-lease.ts";

/** The start data of the thread. */
export interface RenewalThreadData {
  readonly port: MessagePort;
  /** The thread reads it when it is awake, so that a lease of a moment does not wake it. */
  readonly leases: MessagePort;
  /** Not 0 while the thread looks at its leases by itself. */
  readonly awake: Int32Array;
  readonly server: string;
  readonly headers: Headers;
  /** Additional certificate authorities, as PEM; empty for none. */
  readonly ca: string;
}

/** The headers of every call. */
type Headers = Readonly<Record<string, string>>;

/** Messages to the thread. */
export type ToThread = { readonly headers: Headers } | "wake" | "close";

/** Leases for the thread. `sentAt` is on the clock that threads share. */
export interface LeasesForThread {
  readonly kept: readonly { readonly lease: RemoteLease; readonly leaseMs: number }[];
  readonly letGo: readonly Lease[];
  readonly sentAt: number;
}

/** Messages from the thread. The `startedAt` of a round is on the clock that threads share. */
export type FromThread =
  | { readonly round: Round }
  | { readonly failed: number; readonly error: Error }
  | "ready";

/** The entry file of the thread: `.ts` in the sources, `.js` in the package. */
const ENTRY = new URL(
  `./open-worker-thread-entry${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`,
  import.meta.url,
);

/**
 * Renewals over a network in a separate thread, on its own connection, which continue while the
 * event loop is blocked. This is the main thread's side.
 *
 * Waking a thread costs more than many messages, a message costs more than a lease in it, and most
 * attempts end soon. So leases wait in a queue of their own: the thread is woken for the first
 * message, then looks at the queue from time to time, and sleeps when it finds nothing new. The
 * leases of one claim share a message, which is sent before the first of their handlers runs.
 *
 * Rounds come as messages; {@link catchUp} reads those that a blocked event loop has not read yet.
 * If the thread dies, renewals stop; attempts then stop in time, because they rely only on
 * completed renewals.
 */
export class RenewalThread implements LeaseRenewals {
  readonly #port: MessagePort;
  readonly #leases: MessagePort;
  readonly #awake = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  readonly #worker: Worker;
  readonly #hear: (round: Round) => void;
  readonly #tell: Tell;
  readonly #clock: Clock;
  /** Leases that wait for the next message. */
  #kept: LeasesForThread["kept"][number][] = [];
  #letGo: Lease[] = [];
  readonly #ready = Promise.withResolvers<void>();
  readonly #ended = Promise.withResolvers<void>();
  /**
   * The difference from this thread's monotonic clock to the one that threads share. It may be too
   * large but not too small, so that renewals look older, never newer.
   */
  readonly #offsetMs: number;

  constructor(parts: {
    readonly data: Omit<RenewalThreadData, "port" | "leases" | "awake">;
    readonly clock: Clock;
    readonly tell: Tell;
    /** Called with each round. */
    readonly hear: (round: Round) => void;
  }) {
    const ownMs = parts.clock.monotonic();
    this.#offsetMs = processMs() - ownMs;
    this.#hear = parts.hear;
    this.#tell = parts.tell;
    this.#clock = parts.clock;
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#port.on("message", (message: FromThread) => this.#read(message));
    this.#port.unref();
    const leases = new MessageChannel();
    this.#leases = leases.port1;
    this.#leases.unref();
    this.#worker = this.#start({ ...parts.data, port: port2, leases: leases.port2, awake: this.#awake });
  }

  /**
   * Resolves when the thread is ready. Wait for it before the first lease, because a handler may
   * block the event loop from its first line.
   */
  async ready(): Promise<void> {
    await Promise.race([this.#ready.promise, this.#ended.promise]);
  }

  /** Whether the thread looks at its leases without being woken. */
  get isAwake(): boolean {
    return Atomics.load(this.#awake, 0) !== 0;
  }

  /**
   * Sends the lease in a microtask. Its handler runs later, because its request is validated first.
   *
   * @param lease a {@link RemoteLease}
   */
  keep(lease: Lease, leaseMs: number): void {
    if (this.#kept.push({ lease: lease as RemoteLease, leaseMs }) > 1) return;
    queueMicrotask(() => this.#pass());
  }

  /** Sends it in the next turn of the event loop, in which more attempts may end. */
  letGo({ id, attempt }: Lease): void {
    if (this.#letGo.push({ id, attempt }) > 1) return;
    this.#clock.soon(() => this.#pass());
  }

  /** Sets the headers of calls from now on. */
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

  /** Stops all renewals. Resolves when the thread has ended. */
  async close(): Promise<void> {
    this.stop();
    await this.#worker.terminate();
    this.#port.close();
    this.#leases.close();
  }

  #pass(): void {
    const [kept, letGo] = [this.#kept, this.#letGo];
    if (kept.length === 0 && letGo.length === 0) return;
    [this.#kept, this.#letGo] = [[], []];
    const message: LeasesForThread = { kept, letGo, sentAt: processMs() };
    const port = this.#leases;
    port.postMessage(message);
    // The thread looks once more after it has set this to 0, so no lease is overlooked.
    if (Atomics.exchange(this.#awake, 0, 1) === 0) this.#send("wake");
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
    // Do not inherit the flags of the process: `--input-type` and `--eval`, for example, fail in a
    // thread that runs a file.
    const worker = new Worker(ENTRY, {
      workerData,
      transferList: [workerData.port, workerData.leases],
      name: "longrunning leases",
      execArgv: [],
    });
    worker.on("error", (error: Error) => this.#tell["leases.unattended"]?.({ error }));
    worker.on("exit", () => this.#ended.resolve());
    // The thread must not keep an otherwise finished process alive.
    worker.unref();
    return worker;
  }
}
