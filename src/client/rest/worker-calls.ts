import { CODES } from "../../core/error/code.ts";
import { LIMITS } from "../../core/limits.ts";
import { type Payload, STRUCT } from "../../core/operation/payload.ts";
import type {
  ClaimCall,
  ClaimedWork,
  CompletionEntry,
  FailureEntry,
  OutcomeAnswer,
  PresentedAttempt,
  RenewalAnswer,
  RenewalEntry,
  WorkerCallOptions,
  WorkerCalls,
} from "../../core/ports/worker-calls.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { formatDuration } from "../../core/value/duration.ts";
import { anyJson } from "../../wire/any.ts";
import { decodeClaims, decodeOutcomes, decodeRenewals } from "../worker-answers.ts";
import type { HeaderSource } from "../transport.ts";
import { RestCaller } from "./caller.ts";
import type { Sending } from "./answer.ts";

/** The options of a worker's calls over HTTP. */
interface RestWorkerOptions {
  readonly clock: Clock;
  readonly headers: HeaderSource;
  readonly sending: Sending;
}

/**
 * Calls of `longrunning.v1.Workers` over HTTP with JSON. The text of payloads is inserted
 * unchanged.
 */
export class RestWorkerCalls implements WorkerCalls {
  readonly textMax = LIMITS.outcomeTextMax;
  readonly #caller: RestCaller;
  readonly #sending: Sending;

  /** It throws the same errors as {@link RestCaller}. */
  constructor(baseUrl: string, { clock, headers, sending }: RestWorkerOptions) {
    const { send } = sending;
    this.#sending = sending;
    this.#caller = new RestCaller(baseUrl, { clock, fetch, send, headers });
  }

  async claim(call: ClaimCall, options: WorkerCallOptions): Promise<ClaimedWork> {
    const { parent, methods, worker, limit, leaseMs, waitMs, requestId, workerVersion } = call;
    const body = {
      parent,
      methods,
      worker,
      limit,
      lease: formatDuration(leaseMs),
      timeout: formatDuration(waitMs),
      requestId,
      workerVersion,
    };
    const { timeoutMs = LIMITS.callMsMax } = options;
    return decodeClaims(
      await this.#post("claim", JSON.stringify(body), { ...options, timeoutMs: waitMs + timeoutMs }),
    );
  }

  async renew(
    leaseMs: number,
    renewals: readonly RenewalEntry[],
    options: WorkerCallOptions = {},
  ): Promise<readonly RenewalAnswer[]> {
    const entries = renewals.map(({ attempt, metadata }) =>
      entryText(attempt, payloadText("metadata", metadata)),
    );
    const text = `{"lease":"${formatDuration(leaseMs)}","renewals":[${entries.join(",")}]}`;
    return decodeRenewals(await this.#post("renew", text, options));
  }

  async complete(completions: readonly CompletionEntry[]): Promise<readonly OutcomeAnswer[]> {
    const entries = completions.map(({ attempt, response }) =>
      entryText(attempt, payloadText("response", response)),
    );
    return decodeOutcomes(await this.#post("complete", `{"completions":[${entries.join(",")}]}`));
  }

  async fail(failures: readonly FailureEntry[]): Promise<readonly OutcomeAnswer[]> {
    return decodeOutcomes(await this.#post("fail", JSON.stringify({ failures: failures.map(failureJson) })));
  }

  async release(attempts: readonly PresentedAttempt[], delayMs: number): Promise<readonly OutcomeAnswer[]> {
    const body = { attempts: attempts.map(attemptJson), delay: formatDuration(delayMs) };
    return decodeOutcomes(await this.#post("release", JSON.stringify(body)));
  }

  close(): void {
    this.#sending.close();
  }

  #post(verb: string, text: string, { signal, timeoutMs }: WorkerCallOptions = {}): Promise<unknown> {
    const call = { verb: "POST", path: `/v1/operations:${verb}`, text } as const;
    return this.#caller.call({ ...call, ...(timeoutMs === undefined ? {} : { timeoutMs }) }, signal);
  }
}

function attemptJson({ name, attempt, token }: PresentedAttempt) {
  return { name, attempt, token };
}

/** @param members members, each preceded by a comma */
function entryText(attempt: PresentedAttempt, members: string): string {
  return `{"attempt":${JSON.stringify(attemptJson(attempt))}${members}}`;
}

function payloadText(name: string, payload: Payload | null): string {
  if (payload === null) return "";
  return payload.type === STRUCT ? `,"${name}":${payload.json}` : `,"${name}Any":${anyJson(payload)}`;
}

function failureJson({ attempt, error, retryDelayMs, exception }: FailureEntry) {
  return {
    attempt: attemptJson(attempt),
    error: { code: CODES[error.code], message: error.message, details: error.details },
    ...(retryDelayMs === null ? { final: true } : { retryDelay: formatDuration(retryDelayMs) }),
    ...(exception === null ? {} : { exception }),
  };
}
