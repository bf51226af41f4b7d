import { type CallEvent, StatusError } from "../client/index.ts";
import { withoutPassword } from "../core/value/secret.ts";
import type { Timer } from "../core/ports/clock.ts";
import { formatDuration } from "../core/value/duration.ts";
import type { Io } from "./io.ts";
import { exitOfError } from "./outcome.ts";

/** The silence after which the user is told: a restart or a slow network is shorter. */
const TELL_MS = 2_000;
/** The interval of further messages. */
const AGAIN_MS = 10_000;

/**
 * Tells the user on standard error that the server does not answer, and when it answers again.
 *
 * Silence begins when a call fails because the server is not there, or when the call should have
 * been answered. The client keeps trying meanwhile, or gives up with its own error.
 */
export class ServerSilence {
  readonly #io: Io;
  readonly #server: string;
  /** Monotonic time; undefined while the server answers. */
  #since: number | undefined;
  #told = false;
  #timer: Timer | undefined;

  constructor(io: Io, server: string) {
    this.#io = io;
    this.#server = withoutPassword(server);
  }

  notice(event: CallEvent): void {
    if (event.name === "sent") {
      if (this.#since === undefined) this.#arm(event.expectedMs + TELL_MS);
    } else if (event.name === "failed" && isSilence(event.error)) {
      if (this.#since === undefined) this.#arm(TELL_MS);
      this.#since ??= this.#io.clock.monotonic();
    } else {
      this.#end(event.name === "answered");
    }
  }

  #arm(ms: number): void {
    this.#timer?.cancel();
    this.#timer = this.#io.clock.after(ms, () => {
      const now = this.#io.clock.monotonic();
      this.#since ??= now - TELL_MS;
      this.#told = true;
      const length = formatDuration(Math.round((now - this.#since) / 1_000) * 1_000);
      this.#say(`No answer from ${this.#server} for ${length}; waiting for it. Ctrl-C ends the waiting.`);
      this.#arm(AGAIN_MS);
    });
  }

  #end(works: boolean): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#since = undefined;
    if (this.#told && works) this.#say(`${this.#server} answers again.`);
    this.#told = false;
  }

  /** On a terminal it replaces the progress line. */
  #say(text: string): void {
    const { stderr } = this.#io;
    stderr.write(`${stderr.isTerminal ? "\r\u001b[K" : ""}${text}\n`);
  }
}

/** Whether nothing answered, or an intermediary for an unreachable server. */
function isSilence(error: unknown): boolean {
  return error instanceof StatusError && exitOfError(error) === "unreachable";
}
