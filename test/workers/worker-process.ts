import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { endWithUs } from "../support/end-with-us.ts";

/** The settings of a worker program. */
export interface WorkerSetting {
  readonly address: string;
  readonly slots: number;
  readonly drainS: number;
  readonly leaseS: number;
}

/** The command of a worker program. */
export interface WorkerCommand {
  /** Whether it uses REST or gRPC. */
  readonly wire: "rest" | "grpc";
  /**
   * The words of its command.
   *
   * @param how.address `http://127.0.0.1:40123` for REST, `127.0.0.1:40123` for gRPC
   * @param how.slots concurrent handlers
   * @param how.drainS how long handlers may take to end after SIGTERM, in seconds
   * @param how.leaseS the lease that it requests, in seconds
   */
  words(how: WorkerSetting): readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** Whether it repeats a claim whose answer was lost with its request id. */
  readonly repeatsClaims?: boolean;
}

/** A running worker program. */
export class WorkerProcess implements AsyncDisposable {
  readonly process: ChildProcess;
  /** Resolves with its exit code, or null if a signal ended it. */
  readonly ended: Promise<number | null>;
  /** Its output. */
  text = "";

  constructor(command: WorkerCommand, how: WorkerSetting) {
    const [program = "", ...words] = command.words(how);
    // A proxy would be used for the loopback address, too.
    const env = { ...process.env, NO_PROXY: "*", no_proxy: "*", ...command.environment };
    this.process = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], env });
    endWithUs(this.process, "SIGKILL");
    for (const stream of [this.process.stdout, this.process.stderr])
      stream?.setEncoding("utf8").on("data", (text: string) => (this.text += text));
    this.ended = once(this.process, "close").then(([code]) => code as number | null);
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  /** Lets time pass that the process cannot use: it is frozen or idle. */
  async pastMs(ms: number): Promise<void> {
    await delay(ms);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill("SIGCONT");
      this.process.kill("SIGKILL");
    }
    await this.ended;
  }
}
