import { LIMITS } from "../core/limits.ts";
import type { Clock, Timer } from "../core/ports/clock.ts";
import type { OpenWorkerOptions } from "./open-worker-options.ts";

type Headers = Readonly<Record<string, string>>;

/**
 * The headers of a worker's calls, with its credentials. Functions that return headers are called
 * before each call, and periodically for the thread that renews leases, which cannot call them.
 */
export class CurrentHeaders {
  readonly #options: Pick<OpenWorkerOptions, "credentials" | "headers">;
  readonly #clock: Clock;
  #listener: ((headers: Headers) => void) | undefined;
  #timer: Timer | undefined;
  #told = "";

  constructor(options: Pick<OpenWorkerOptions, "credentials" | "headers">, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
  }

  /** @throws errors of the user's functions */
  async ask(): Promise<Headers> {
    const { credentials = {}, headers = {} } = this.#options;
    const { token, apiKey } = credentials;
    const bearer = typeof token === "function" ? await token() : token;
    const asked = {
      ...(typeof headers === "function" ? await headers() : headers),
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(apiKey === undefined ? {} : { "x-goog-api-key": apiKey }),
    };
    this.#tell(asked);
    return asked;
  }

  /** Calls the listener when headers have changed. */
  watch(listener: (headers: Headers) => void): void {
    this.#listener = listener;
    const { credentials, headers } = this.#options;
    if (typeof credentials?.token === "function" || typeof headers === "function") this.#arm();
  }

  /** Stops all periodic calls. */
  stop(): void {
    this.#timer?.cancel();
    this.#listener = undefined;
  }

  #arm(): void {
    this.#timer = this.#clock.after(LIMITS.credentialsIntervalMs, () => {
      // The next call reports the error.
      void this.ask()
        .catch(() => {})
        .then(() => this.#listener !== undefined && this.#arm());
    });
  }

  #tell(headers: Headers): void {
    const text = JSON.stringify(headers);
    if (text === this.#told) return;
    this.#told = text;
    this.#listener?.(headers);
  }
}
