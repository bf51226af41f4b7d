import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Answer, errorOfAnswer, foreignAnswer, tooLate, unreachable } from "../error.ts";
import { withRetryAfter } from "../repeat.ts";
import type { HeaderSource } from "../transport.ts";

/** What calls over HTTP are made with. */
export interface RestOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly headers: HeaderSource;
}

/** One request. */
export interface RestCall {
  readonly verb: "GET" | "POST" | "DELETE";
  /** Encoded, below the address of the service. */
  readonly path: string;
  /** What is undefined is left out. */
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** @default LIMITS.callMsMax */
  readonly timeoutMs?: number;
}

/** Makes requests with JSON and reads their answers. */
export class RestCaller {
  readonly #base: string;
  readonly #options: RestOptions;

  /** @param baseUrl where the service is, with a path where a proxy adds one. @throws {TypeError} when it is no such address */
  constructor(baseUrl: string, options: RestOptions) {
    if (!/^https?:\/\//i.test(baseUrl) || !URL.canParse(baseUrl)) {
      throw new TypeError(
        `Server: expected an address such as "http://127.0.0.1:8080", got ${JSON.stringify(baseUrl)}`,
      );
    }
    this.#base = baseUrl.replace(/\/+$/, "");
    this.#options = options;
  }

  /**
   * One request and its answer as JSON.
   *
   * @throws {StatusError} what the service answered; UNAVAILABLE SERVER_UNREACHABLE, DEADLINE_EXCEEDED ANSWER_TOO_LATE; UNKNOWN
   *   ANSWER_INVALID where something else than the service answered
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

  async #exchange(
    call: RestCall,
    {
      url,
      shown,
      signal,
    }: { readonly url: string; readonly shown: string; readonly signal: AbortSignal | undefined },
  ): Promise<Answer> {
    const { fetch, clock, headers } = this.#options;
    const given = typeof headers === "function" ? await headers() : headers;
    const body = call.body === undefined ? {} : { body: JSON.stringify(call.body) };
    const timeoutMs = call.timeoutMs ?? LIMITS.callMsMax;
    const late = new AbortController();
    const timer = clock.after(timeoutMs, () => late.abort());
    try {
      const response = await fetch(url, {
        method: call.verb,
        headers: {
          accept: "application/json",
          ...(call.body === undefined ? {} : { "content-type": "application/json" }),
          ...given,
        },
        signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
        ...body,
      });
      return await readAnswer(response);
    } catch (error) {
      signal?.throwIfAborted();
      if (late.signal.aborted) throw tooLate(shown, timeoutMs);
      throw unreachable(shown, this.#base, error);
    } finally {
      timer.cancel();
    }
  }
}

async function readAnswer(response: Response): Promise<Answer> {
  const retryAfter = response.headers.get("retry-after") ?? "";
  return {
    ok: response.ok,
    status: response.status,
    contentType: response.headers.get("content-type") ?? "",
    text: await response.text(),
    retryAfterSeconds: /^\d{1,6}$/.test(retryAfter) ? Number(retryAfter) : undefined,
  };
}

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
