import type { Clock } from "../../core/ports/clock.ts";
import { formatDuration } from "../../core/value/duration.ts";
import { LIMITS } from "../../core/limits.ts";
import { canonicalName, encodePath } from "./path.ts";
import { type Answer, errorOfAnswer, foreignAnswer, tooLate, unreachable } from "../error.ts";
import { isObject } from "../any.ts";
import { type ClientOperation, decodeOperation, type StartedResult } from "../operation.ts";
import { decodeResults } from "../results.ts";
import { withRetryAfter } from "../repeat.ts";
import {
  type CallOptions,
  type HeaderSource,
  type ListCall,
  type OperationPage,
  type StartCall,
  type Transport,
} from "../transport.ts";

/** What a {@link RestTransport} is made with. */
export interface RestOptions {
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly headers: HeaderSource;
}

interface Call {
  readonly verb: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly timeoutMs?: number;
}

/** Calls over HTTP with JSON, with nothing but what the web platform has. */
export class RestTransport implements Transport {
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

  async start(call: StartCall, { signal }: CallOptions): Promise<ClientOperation> {
    const { parent = "", method, request, requestId, validateOnly, timeToLive, delay, priority } = call;
    const path = parent === "" ? `/v1:${method}` : `/v1/${encodePath(parent)}:${method}`;
    const query = {
      requestId,
      validateOnly: validateOnly === true ? "true" : undefined,
      timeToLive,
      delay,
      priority: priority === undefined ? undefined : String(priority),
    };
    const body = request ?? {};
    return decodeOperation(
      await this.#call({ verb: "POST", path, query, body, timeoutMs: LIMITS.startMsMax }, signal),
    );
  }

  async startMany(calls: readonly StartCall[], { signal }: CallOptions): Promise<readonly StartedResult[]> {
    const requests = calls.map((call) => ({ ...call, request: call.request ?? {} }));
    const call = {
      verb: "POST",
      path: "/v1:startOperations",
      body: { requests },
      timeoutMs: LIMITS.startMsMax,
    } as const;
    return decodeResults(await this.#call(call, signal), calls.length);
  }

  async get(name: string, { signal }: CallOptions): Promise<ClientOperation> {
    return decodeOperation(await this.#call({ verb: "GET", path: pathOf(name) }, signal));
  }

  async list(call: ListCall, { signal }: CallOptions): Promise<OperationPage> {
    const { parent = "", filter, orderBy, pageSize, pageToken } = call;
    const path = parent === "" ? "/v1/operations" : `/v1/${encodePath(parent)}/operations`;
    const query = {
      filter: filter === "" ? undefined : filter,
      orderBy: orderBy === "" ? undefined : orderBy,
      pageSize: pageSize === undefined || pageSize === 0 ? undefined : String(pageSize),
      pageToken: pageToken === "" ? undefined : pageToken,
    };
    const json = await this.#call({ verb: "GET", path, query }, signal);
    const { operations, nextPageToken } = isObject(json) ? json : {};
    return {
      operations: Array.isArray(operations) ? operations.map((each) => decodeOperation(each)) : [],
      nextPageToken: typeof nextPageToken === "string" ? nextPageToken : "",
    };
  }

  async cancel(name: string, { signal }: CallOptions): Promise<void> {
    await this.#call({ verb: "POST", path: `${pathOf(name)}:cancel`, body: {} }, signal);
  }

  async delete(name: string, { signal }: CallOptions): Promise<void> {
    await this.#call({ verb: "DELETE", path: pathOf(name) }, signal);
  }

  async wait(name: string, timeoutMs: number, { signal }: CallOptions): Promise<ClientOperation> {
    const query = { timeout: formatDuration(timeoutMs) };
    const call = {
      verb: "POST",
      path: `${pathOf(name)}:wait`,
      query,
      timeoutMs: timeoutMs + LIMITS.callMsMax,
    } as const;
    return decodeOperation(await this.#call(call, signal));
  }

  /** `fetch` keeps no connection that we could close. */
  close(): void {}

  /** One request and its answer as JSON. */
  async #call(call: Call, signal: AbortSignal | undefined): Promise<unknown> {
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
    call: Call,
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

function pathOf(name: string): string {
  return `/v1/${encodePath(canonicalName(name))}`;
}

function queryOf(query: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
