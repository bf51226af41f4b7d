import { formatDuration } from "../../core/value/duration.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import type { Failure } from "../../core/operation/operation.ts";
import { LIMITS } from "../../core/limits.ts";
import { canonicalName, encodePath } from "./path.ts";
import { RestCaller, type RestOptions } from "./caller.ts";
import { isObject } from "../any.ts";
import { toldError } from "../error.ts";
import { type ClientOperation, decodeFailure, decodeOperation, type StartedResult } from "../operation.ts";
import { decodeResults } from "../results.ts";
import type {
  CallOptions,
  CollectionEvent,
  ListCall,
  OperationPage,
  StartCall,
  Transport,
  WatchCall,
} from "../transport.ts";

/** Calls over HTTP with JSON, using only APIs of the web platform. */
export class RestTransport implements Transport {
  readonly #caller: RestCaller;

  /** It throws the same errors as {@link RestCaller}. */
  constructor(baseUrl: string, options: RestOptions) {
    this.#caller = new RestCaller(baseUrl, options);
  }

  async start(call: StartCall, { signal }: CallOptions): Promise<ClientOperation> {
    const { parent = "", method, request, requestId, validateOnly, timeToLive, delay } = call;
    const path = parent === "" ? `/v1:${method}` : `/v1/${encodePath(parent)}:${method}`;
    const query = {
      requestId,
      validateOnly: validateOnly === true ? "true" : undefined,
      timeToLive,
      delay,
      priority: call.priority === undefined ? undefined : String(call.priority),
      callbackUrl: call.callbackUrl,
    };
    const body = request ?? {};
    return decodeOperation(
      await this.#caller.call({ verb: "POST", path, query, body, timeoutMs: LIMITS.startMsMax }, signal),
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
    return decodeResults(await this.#caller.call(call, signal), calls.length);
  }

  async get(name: string, { signal }: CallOptions): Promise<ClientOperation> {
    return decodeOperation(await this.#caller.call({ verb: "GET", path: pathOf(name) }, signal));
  }

  async list(call: ListCall, { signal }: CallOptions): Promise<OperationPage> {
    const { parent = "", filter, orderBy, pageSize, pageToken } = call;
    const path = collectionOf(parent);
    const query = {
      filter: filter === "" ? undefined : filter,
      orderBy: orderBy === "" ? undefined : orderBy,
      pageSize: pageSize === undefined || pageSize === 0 ? undefined : String(pageSize),
      pageToken: pageToken === "" ? undefined : pageToken,
    };
    const json = await this.#caller.call({ verb: "GET", path, query }, signal);
    const { operations, nextPageToken } = isObject(json) ? json : {};
    return {
      operations: Array.isArray(operations) ? operations.map((each) => decodeOperation(each)) : [],
      nextPageToken: typeof nextPageToken === "string" ? nextPageToken : "",
    };
  }

  async cancel(name: string, { signal }: CallOptions): Promise<void> {
    await this.#caller.call({ verb: "POST", path: `${pathOf(name)}:cancel`, body: {} }, signal);
  }

  async delete(name: string, { signal }: CallOptions): Promise<void> {
    await this.#caller.call({ verb: "DELETE", path: pathOf(name) }, signal);
  }

  async wait(name: string, timeoutMs: number, { signal }: CallOptions): Promise<ClientOperation> {
    const query = { timeout: formatDuration(timeoutMs) };
    const call = {
      verb: "POST",
      path: `${pathOf(name)}:wait`,
      query,
      timeoutMs: timeoutMs + LIMITS.callMsMax,
    } as const;
    return decodeOperation(await this.#caller.call(call, signal));
  }

  async *watch(name: string, { signal }: CallOptions): AsyncGenerator<ClientOperation> {
    for await (const { event, data } of this.#caller.events(`${pathOf(name)}:watch`, LIFE_MS_MAX, signal)) {
      if (event === "operation") yield decodeOperation(jsonOf(data));
      if (event === "removed") throw removed(name);
      if (event === "status") throw errorOf(decodeFailure(jsonOf(data)));
    }
  }

  async *watchOperations(call: WatchCall, { signal }: CallOptions): AsyncGenerator<CollectionEvent> {
    const { parent = "", filter = "" } = call;
    const query = filter === "" ? "" : `?${new URLSearchParams({ filter }).toString()}`;
    const path = `${collectionOf(parent)}:watch${query}`;
    for await (const { event, data } of this.#caller.events(path, LIFE_MS_MAX, signal)) {
      if (event === "operation") yield { kind: "operation", operation: decodeOperation(jsonOf(data)) };
      if (event === "removed") yield { kind: "removed", name: nameIn(jsonOf(data)) };
      if (event === "initial-end") yield { kind: "initialEnd" };
      if (event === "status") throw errorOf(decodeFailure(jsonOf(data)));
    }
  }

  /** `fetch` has no connection that could be closed. */
  close(): void {}
}

/** A live server sends a sign of life every fifteen seconds. */
const LIFE_MS_MAX = 3 * LIMITS.watchSilenceMs;

function removed(name: string): StatusError {
  return serviceError("OPERATION_NOT_FOUND", `Operation "${name}" was removed.`, {
    metadata: { operation: name },
  });
}

function jsonOf(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new StatusError("UNKNOWN", "An event of a watch is no JSON.", { reason: "ANSWER_INVALID", cause });
  }
}

function errorOf(failure: Failure | null): StatusError {
  const { code, message, details } = failure ?? { code: "UNKNOWN", message: "", details: [] };
  return toldError(code, message, details);
}

function collectionOf(parent: string): string {
  return parent === "" ? "/v1/operations" : `/v1/${encodePath(parent)}/operations`;
}

function nameIn(json: unknown): string {
  const { name } = isObject(json) ? json : {};
  return typeof name === "string" ? name : "";
}

function pathOf(name: string): string {
  return `/v1/${encodePath(canonicalName(name))}`;
}
