import { Worker } from "node:worker_threads";
import { invariant } from "../../core/invariant.ts";
import type { Command } from "../../core/ports/store.ts";
import { storeUnavailable } from "../fault.ts";
import { firstMessage, onMessage } from "../thread-messages.ts";
import type { BesideOutcome, BesideWrite } from "./beside-writer.ts";
import type { FromWriter, ToWriter, WriterData, WriterPort, WriteReport } from "./messages.ts";
import type { LeaseLink } from "../leases/thread-renewals.ts";
import { toSent } from "./sent-command.ts";
import type { SqliteSettings } from "./settings.ts";
import { threadEntry } from "../thread-entry.ts";

type Answer = Exclude<FromWriter, { type: "ready" }>;

interface Pending {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The main thread's side of the writer's thread.
 *
 * If the thread dies, all waiting and later calls are rejected with STORE_UNAVAILABLE. Whether the
 * last commit happened is unknown; reading again tells. The thread is not restarted, because the
 * cause of its death is unknown too; restart the server as after any crash.
 */
export class ThreadWriter implements WriterPort {
  readonly #worker: Worker;
  /** The calls in progress, in the order in which the thread answers. */
  readonly #pending: Pending[] = [];
  readonly #ended: Promise<void>;
  #dead: Error | undefined;

  private constructor(worker: Worker, onDeath: (error: Error) => void) {
    this.#worker = worker;
    this.#ended = new Promise((resolve) => worker.once("exit", () => resolve()));
    onMessage(worker, (message: FromWriter) => this.#receive(message));
    worker.on("error", (error: Error) => this.#die(error, onDeath));
    worker.on("exit", (code) => this.#die(new Error(`The writer's thread ended with code ${code}`), onDeath));
  }

  /**
   * Starts the thread and waits until its connection is open. Throws the error of the thread if it
   * cannot open the connection.
   *
   * @param link the link to the leases that the thread renews
   * @param onDeath called if the thread ends before it is closed
   */
  static async start(path: string, link: LeaseLink, onDeath: (error: Error) => void): Promise<ThreadWriter> {
    const workerData: WriterData = { path, ...link };
    // Do not inherit the flags of the process: `--input-type` and `--eval`, for example, fail in a
    // thread that runs a file.
    const worker = new Worker(threadEntry("writer", import.meta.url), {
      workerData,
      transferList: [link.port],
      name: "longrunning store writer",
      execArgv: [],
    });
    await firstMessage(worker);
    return new ThreadWriter(worker, onDeath);
  }

  async write(commands: readonly Command[], now: number): Promise<WriteReport> {
    const answer = await this.#ask({ type: "write", commands: commands.map(toSent), now });
    invariant(answer.type === "written", "a write is answered with what was written");
    return answer.report;
  }

  async writeBeside(write: BesideWrite): Promise<BesideOutcome> {
    const answer = await this.#ask({ type: "write-beside", write });
    invariant(answer.type === "written-beside", "a write beside is answered with what became of it");
    return answer.outcome;
  }

  async settings(): Promise<SqliteSettings> {
    const answer = await this.#ask({ type: "settings" });
    invariant(answer.type === "settings", "a question about settings is answered with settings");
    return answer.settings;
  }

  async close(now: number): Promise<void> {
    if (this.#dead === undefined) {
      await this.#ask({ type: "close", now });
      // Terminated from here, because not every runtime lets a thread close its own port.
      await this.#worker.terminate();
    }
    await this.#ended;
  }

  /** Ends the thread at once, as a crash would. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(message: ToWriter): Promise<Answer> {
    if (this.#dead !== undefined) return Promise.reject(storeUnavailable(this.#dead));
    return new Promise((resolve, reject) => {
      this.#post(message);
      this.#pending.push({ resolve, reject });
    });
  }

  #post(message: ToWriter): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is no window
    this.#worker.postMessage(message);
  }

  #receive(message: FromWriter): void {
    if (message.type === "ready") return;
    // A thread that ends after it has closed is not an error.
    if (message.type === "closed") this.#dead ??= new Error("The writer's thread was closed");
    this.#pending.shift()?.resolve(message);
  }

  #die(error: Error, onDeath: (error: Error) => void): void {
    if (this.#dead !== undefined) return;
    this.#dead = error;
    for (const { reject } of this.#pending.splice(0)) reject(storeUnavailable(error));
    onDeath(error);
  }
}
