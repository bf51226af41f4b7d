import type { Clock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { stayAlive } from "../../core/ports/stay-alive.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Answer, errorOfAnswer, foreignAnswer, tooLate, unreachable } from "../error.ts";
import { withRetryAfter } from "../repeat.ts";
import { readAnswer, type Send, sendByFetch, type Verb } from "./answer.ts";
import { EventReader, type ServerEvent } from "./event-stream.ts";
import type { HeaderSource } from "../transport.ts";

/** The options of calls over HTTP. */
export interface RestOptions {
  /** Opens streams of events, and sends the other requests unless `send` is given. */
  readonly fetch: typeof fetch;
  readonly send?: Send;
  readonly clock: Clock;
  readonly headers: HeaderSource;
}

/** One request. */
export interface RestCall {
  readonly verb: Verb;
  /** Percent-encoded, relative to the address of the service. */
  readonly path: string;
  /** Undefined values are left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** The body, if it is already JSON text. */
  readonly text?: string;
  /** @default LIMITS.callMsMax */
  readonly timeoutMs?: number;
}

/** Sends requests with JSON and parses their answers. */
export class RestCaller {
  readonly #base: string;
  readonly #options: RestOptions;
  readonly #send: Send;

  /**
   * @param baseUrl the address of the service, with a path if a proxy adds one. @throws {TypeError}
   * for an invalid address
   */
  constructor(baseUrl: string, options: RestOptions) {
    // The message must not show a password.
    const got = JSON.stringify(baseUrl.replace(/\/\/[^/]*@/, "//***@"));
    if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl))
      throw new TypeError(`Server: expected an address such as "http://127.0.0.1:8080", got ${got}`);
    const { username, password } = new URL(baseUrl);
    if (username !== "" || password !== "")
      throw new TypeError(
        `Server: expected an address without credentials, such as "http://127.0.0.1:8080", got ${got}; send credentials in headers`,
      );
    this.#base = baseUrl.replace(/\/+$/, "");
    this.#options = options;
    this.#send = options.send ?? sendByFetch(options.fetch);
  }

  /**
   * Sends one request, and returns the JSON of its answer.
   *
   * @throws {StatusError} the error of the service; UNAVAILABLE SERVER_UNREACHABLE,
   *   DEADLINE_EXCEEDED ANSWER_TOO_LATE; UNKNOWN ANSWER_INVALID if something other than the service
   *   answered
   */
  async call(call: RestCall, signal?: AbortSignal): Promise<unknown> {
    signal?.throwIfAborted();
    const url = `${this.#base}${call.path}${queryOf(call.query ?? {})}`;
    const shown = `${call.verb} ${this.#base}${call.path}`;
    const answer = await this.#exchange(call, { url, shown, signal });
    if (!answer.ok) {
      throw withRetryAfter(errorOfAnswer(answer, shown), answer.retryAfterSeconds);
    }
    try {
      return answer.text === "" ? {} : (JSON.parse(answer.text) as unknown);
    } catch {
      throw foreignAnswer(answer, shown);
    }
  }

  /**
   * Sends one request whose answer is a stream of events.
   *
   * @throws {StatusError} as {@link call} does; UNIMPLEMENTED ANSWER_INVALID if the answer is no
   *   such stream; UNAVAILABLE if nothing arrives for `silenceMsMax`
   */
  async *events(path: string, silenceMsMax: number, signal?: AbortSignal): AsyncGenerator<ServerEvent> {
    signal?.throwIfAborted();
    const { fetch, clock, headers } = this.#options;
    const url = `${this.#base}${path}`;
    const shown = `GET ${url}`;
    const over = new AbortController();
    const silent = (): void => over.abort(tooLate(shown, silenceMsMax));
    let timer = clock.after(silenceMsMax, silent);
    const release = stayAlive();
    try {
      const given = typeof headers === "function" ? await headers() : headers;
      const signals = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
      const response = await fetch(url, {
        headers: { accept: "text/event-stream", ...given },
        signal: signals,
      });
      if (!response.ok) {
        const answer = await readAnswer(response);
        throw withRetryAfter(errorOfAnswer(answer, shown), answer.retryAfterSeconds);
      }
      if (response.headers.get("content-type")?.startsWith("text/event-stream") !== true)
        throw noEvents(shown);
      const reader = new EventReader();
      for await (const text of textsOf(response)) {
        timer.cancel();
        timer = clock.after(silenceMsMax, silent);
        yield* reader.read(text);
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (over.signal.aborted) throw over.signal.reason;
      throw error instanceof StatusError ? error : unreachable(shown, this.#base, error);
    } finally {
      timer.cancel();
      release();
      // A caller that stops reading closes the connection.
      over.abort();
    }
  }

  async #exchange(
    call: RestCall,
    {
      url,
      shown,
      signal,
    }: { readonly url: string; readonly shown: string; readonly signal: AbortSignal | undefined },
  ): Promise<Answer> {
    const { clock, headers } = this.#options;
    const given = typeof headers === "function" ? await headers() : headers;
    const text = call.text ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
    const timeoutMs = call.timeoutMs ?? LIMITS.callMsMax;
    const late = new AbortController();
    const timer = clock.after(timeoutMs, () => late.abort());
    try {
      return await this.#send({
        verb: call.verb,
        url,
        headers: {
          accept: "application/json",
          ...(text === undefined ? {} : { "content-type": "application/json" }),
          ...given,
        },
        text,
        signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
      });
    } catch (error) {
      signal?.throwIfAborted();
      if (late.signal.aborted) throw tooLate(shown, timeoutMs);
      throw unreachable(shown, this.#base, error);
    } finally {
      timer.cancel();
    }
  }
}

/**
 * The text of an answer as it arrives. It uses a reader, because not every browser can iterate over
 * streams.
 */
async function* textsOf(response: Response): AsyncGenerator<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  for (;;) {
    const { done = true, value } = (await reader?.read()) ?? {};
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

function noEvents(call: string): StatusError {
  return new StatusError("UNIMPLEMENTED", `${call} was answered with something else than events.`, {
    reason: "ANSWER_INVALID",
  });
}

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
