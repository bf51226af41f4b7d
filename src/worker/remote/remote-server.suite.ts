import { serviceError, StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatName, parseName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Store } from "../../core/ports/store.ts";
import type {
  ClaimCall,
  ClaimedWork,
  OutcomeAnswer,
  PresentedAttempt,
  WorkerCalls,
} from "../../core/ports/worker-calls.ts";
import type { AttemptAnswer, WorkerPort } from "../../core/ports/worker-port.ts";
import { HeldCalls, type Pass } from "../../testing/held-calls.suite.ts";
import type { TestEngine } from "../../testing/test-engine.ts";

/** A call of a worker. */
export type WorkerVerb = "claim" | "renew" | "complete" | "fail" | "release";

/**
 * A server for workers without the store, with the real engine's port and a store in memory: it
 * follows the rules of `docs/workers.md`. A test can hold and lose its calls and answers.
 */
export class TestServer implements WorkerCalls {
  readonly textMax = 1_000_000;
  /** The number of entries of each call, by verb; for a claim, its limit. */
  readonly calls: Record<WorkerVerb, number[]> = {
    claim: [],
    renew: [],
    complete: [],
    fail: [],
    release: [],
  };
  readonly claims: ClaimCall[] = [];
  readonly held = new HeldCalls();
  /** Called at the beginning and the end of every call. */
  pass: Pass = this.held.pass;
  /** Rejects outcomes instead of the engine. */
  refuse: (verb: WorkerVerb) => StatusError | undefined = () => undefined;
  /** The number of waiting claims. */
  parked = 0;
  readonly #engine: TestEngine;
  readonly #port: WorkerPort;
  readonly #known = new Map<string, { readonly at: number; readonly work: Promise<ClaimedWork> }>();

  constructor(engine: TestEngine, port: WorkerPort) {
    this.#engine = engine;
    this.#port = port;
  }

  async claim(call: ClaimCall, { signal }: { readonly signal?: AbortSignal } = {}): Promise<ClaimedWork> {
    this.calls.claim.push(call.limit);
    this.claims.push(call);
    const answer = (async () => {
      await this.pass("claim", "call");
      const work = await this.#claimed(call, signal);
      await this.pass("claim", "answer");
      return work;
    })();
    return aborting(answer, signal);
  }

  renew: WorkerCalls["renew"] = (leaseMs, renewals) =>
    this.#call("renew", renewals, async ({ attempt, metadata }) => {
      const record = await this.#read(attempt);
      if (record === undefined) return { held: false, leaseMs: 0, cancelRequested: false, error: undefined };
      const answer = await this.#store.write({
        verb: "renew",
        id: record.id,
        attempt: attempt.attempt,
        leaseMs,
        metadata,
      });
      const cancelRequested = answer.held && answer.cancelRequested;
      return { held: answer.held, leaseMs: answer.held ? leaseMs : 0, cancelRequested, error: undefined };
    });

  complete: WorkerCalls["complete"] = (completions) =>
    this.#outcomes("complete", completions, ({ response }, record) =>
      this.#port.complete(record, response ?? { type: "google.protobuf.Empty", json: "{}" }),
    );

  fail: WorkerCalls["fail"] = (failures) =>
    this.#outcomes("fail", failures, ({ error, exception, retryDelayMs }, record) => {
      const retryTime = retryDelayMs === null ? null : this.#store.time() + retryDelayMs;
      return this.#port.fail(record, { error, exception, retryTime });
    });

  release: WorkerCalls["release"] = (attempts, delayMs) =>
    this.#outcomes(
      "release",
      attempts.map((attempt) => ({ attempt })),
      (_, record) => this.#port.release(record, delayMs),
    );

  close(): void {}

  get #store(): Store {
    return this.#engine.store;
  }

  #claimed(call: ClaimCall, signal: AbortSignal | undefined): Promise<ClaimedWork> {
    const { clock } = this.#engine;
    const known = this.#known.get(call.requestId);
    if (known !== undefined && clock.monotonic() - known.at < LIMITS.repeatedClaimMs) return known.work;
    const work = this.#waited(call, signal);
    this.#known.set(call.requestId, { at: clock.monotonic(), work });
    return work;
  }

  async #waited(call: ClaimCall, signal: AbortSignal | undefined): Promise<ClaimedWork> {
    const { clock } = this.#engine;
    const cameAt = clock.monotonic();
    const firstMs = Math.min(call.leaseMs, LIMITS.remoteFirstLeaseMs);
    this.parked++;
    for (;;) {
      const waitLeftMs = cameAt + call.waitMs - clock.monotonic();
      const hint = this.#hint(waitLeftMs, signal);
      const { operations } = await this.#port.claim({
        worker: call.worker,
        leaseMs: firstMs,
        limit: call.limit,
        wanted: call.methods.map((method) => ({ method, limit: call.limit })),
      });
      if (operations.length > 0 || waitLeftMs <= 0 || signal?.aborted === true) {
        hint.cancel();
        this.parked--;
        const leaseMs = clock.monotonic() - cameAt + firstMs;
        const claims = operations.map((operation) => entryOf(operation, leaseMs));
        return { claims, serverTime: this.#store.time() };
      }
      await hint.came;
    }
  }

  /** Resolves when something may be claimable, or the wait is over. */
  #hint(waitMs: number, signal: AbortSignal | undefined) {
    const { promise: came, resolve } = Promise.withResolvers<void>();
    const timer = this.#engine.clock.after(waitMs, resolve);
    const unwatch = this.#port.watch((changes) => {
      if (changes.some(({ state }) => state === "PENDING")) resolve();
    });
    signal?.addEventListener("abort", () => resolve());
    const cancel = (): void => {
      timer.cancel();
      unwatch();
    };
    return { came: came.then(cancel), cancel };
  }

  async #call<Item, Answer>(
    verb: WorkerVerb,
    items: readonly Item[],
    answer: (item: Item) => Promise<Answer>,
  ): Promise<readonly Answer[]> {
    this.calls[verb].push(items.length);
    await this.pass(verb, "call");
    const answers = await Promise.all(items.map(answer));
    await this.pass(verb, "answer");
    return answers;
  }

  #outcomes<Item extends { readonly attempt: PresentedAttempt }>(
    verb: WorkerVerb,
    items: readonly Item[],
    write: (item: Item, record: Operation) => Promise<AttemptAnswer>,
  ): Promise<readonly OutcomeAnswer[]> {
    return this.#call(verb, items, async (item) => {
      const refusal = this.refuse(verb);
      if (refusal !== undefined) return { error: refusal };
      const record = await this.#read(item.attempt);
      if (record === undefined) return { error: new StatusError("NOT_FOUND", "no such operation") };
      const { attempt } = item.attempt;
      const isRepeated = verb === "complete" && record.state === "SUCCEEDED" && record.attempt === attempt;
      const isCurrent = record.state === "RUNNING" && record.attempt === attempt;
      const answer = isRepeated || (isCurrent && (await write(item, record)) !== "lost");
      return { error: answer ? undefined : new StatusError("ABORTED", "lost", { reason: "ATTEMPT_LOST" }) };
    });
  }

  async #read({ name, attempt, token }: PresentedAttempt): Promise<Operation | undefined> {
    if (token !== `token of ${name} ${attempt}`) throw new StatusError("PERMISSION_DENIED", "wrong token");
    return this.#store.read(parseName(name)?.id ?? "");
  }
}

function entryOf(operation: Operation, leaseMs: number): ClaimedWork["claims"][number] {
  const name = formatName(operation);
  const { attempt, method, request, metadata, deadlineTime, failedAttempts, attemptsMax, cancelTime } =
    operation;
  return {
    attempt: { name, attempt, token: `token of ${name} ${attempt}` },
    method,
    request,
    metadata,
    leaseMs,
    deadlineTime,
    failedAttempts,
    attemptsMax,
    cancelRequested: cancelTime !== null,
    target: "",
    priority: 0,
    traceparent: "",
    tracestate: "",
    principal: "anonymous",
    tenant: "",
  };
}

/** Like a connection that the caller closes. */
async function aborting<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  const { promise, reject } = Promise.withResolvers<never>();
  const cut = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", cut, { once: true });
  answer.catch(() => {});
  try {
    return await Promise.race([answer, promise]);
  } finally {
    signal.removeEventListener("abort", cut);
  }
}

/** The error of lost calls. */
export function away(): StatusError {
  return serviceError("STORE_UNAVAILABLE", "away");
}
