import { StatusError } from "../../core/error/error.ts";
import { invariant } from "../../core/invariant.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { EMPTY, type Payload } from "../../core/operation/payload.ts";
import type { AttemptFailure } from "../../core/operation/transition.ts";
import type { Lease, LeaseKeeper } from "../../core/ports/lease-keeper.ts";
import type { ClaimAnswer, ClaimCommand, RenewAnswer } from "../../core/ports/store.ts";
import type {
  ClaimEntry,
  CompletionEntry,
  FailureEntry,
  OutcomeAnswer,
  PresentedAttempt,
  RenewalAnswer,
  RenewalEntry,
  WorkerCalls,
} from "../../core/ports/worker-calls.ts";
import type { AttemptAnswer, ClaimPatience, WorkerPort } from "../../core/ports/worker-port.ts";
import { Batches, grouped } from "./batches.ts";
import { type ClaimedOperation, claimedOperation } from "./claimed-operation.ts";

/** The parts of a port. */
export interface RemotePortParts {
  readonly calls: WorkerCalls;
  readonly clock: Clock;
  /** Renews leases with their names and tokens. */
  readonly keeper: LeaseKeeper;
  readonly leaseMs: number;
  /** The collection to claim in; empty for all. */
  readonly parent: string;
  /** The version of this program, for operators; empty if it is unknown. */
  readonly version: string;
}

/** A renewal, and the length of the lease that it asks for. */
interface Renewing extends RenewalEntry {
  readonly leaseMs: number;
}

/** A released attempt, and the delay until the next claim. */
interface Release {
  readonly attempt: PresentedAttempt;
  readonly delayMs: number;
}

/**
 * The worker's port over a network. Attempts that end in the same moment share one call. A failed
 * call throws UNAVAILABLE, so that the attempt repeats it as long as its lease is trusted, and the
 * server recognizes a repeated outcome; a rejected entry throws its own error.
 *
 * Unreported progress is sent before the outcome, because the calls for outcomes do not contain it.
 */
export class RemotePort implements WorkerPort {
  readonly pollMs = null;
  readonly keeper: LeaseKeeper;
  readonly #parts: RemotePortParts;
  readonly #renewals: Batches<Renewing, RenewalAnswer>;
  readonly #completions: Batches<CompletionEntry, OutcomeAnswer>;
  readonly #failures: Batches<FailureEntry, OutcomeAnswer>;
  readonly #releases: Batches<Release, OutcomeAnswer>;
  /** Claimed operations that are not renewed yet: the keeper gets leases by id only. */
  readonly #unkept = new Map<string, { readonly operation: ClaimedOperation; readonly calledAt: number }>();
  /** Reports that the server has stored. */
  readonly #reported = new WeakSet<Payload>();
  /**
   * The delay before the next attempt, computed once, because a repeated call must equal the first.
   */
  readonly #retryDelays = new WeakMap<AttemptFailure, number>();
  /**
   * The difference from the monotonic clock of this process to the server's clock, from the newest
   * answer.
   */
  #aheadMs: number;

  constructor(parts: RemotePortParts) {
    const { calls, clock } = parts;
    this.#parts = parts;
    this.#aheadMs = clock.now() - clock.monotonic();
    const { textMax } = calls;
    const common = { clock, textMax };
    this.#renewals = new Batches({
      ...common,
      send: (each) => renew(calls, each),
      textOf: ({ metadata }) => metadata?.json.length ?? 0,
    });
    this.#completions = new Batches({
      ...common,
      send: (entries) => calls.complete(entries),
      textOf: ({ response }) => response?.json.length ?? 0,
    });
    this.#failures = new Batches({
      ...common,
      send: (entries) => calls.fail(entries),
      textOf: ({ error, exception }) => error.message.length + (exception?.length ?? 0) + DETAILS_TEXT,
    });
    this.#releases = new Batches({ ...common, send: (each) => release(calls, each), textOf: () => 0 });
    const { keeper } = parts;
    this.keeper = {
      keep: (lease, ms) => this.#keep(lease, ms),
      letGo: (lease) => keeper.letGo(lease),
      renewedAt: (lease) => keeper.renewedAt(lease),
      watch: (listener) => keeper.watch(listener),
    };
  }

  async claim(request: Omit<ClaimCommand, "verb"> & ClaimPatience): Promise<ClaimAnswer> {
    const { calls, clock, parent, version: workerVersion } = this.#parts;
    const { worker, leaseMs, limit, wanted, signal } = request;
    const { waitMs = 0, requestId = "", isRepeated = false } = request;
    const calledAt = clock.monotonic();
    const methods = wanted.map(({ method }) => method);
    const call = { parent, methods, worker, limit, leaseMs, waitMs, requestId, workerVersion };
    const answer = await calls.claim(call, signal === undefined ? {} : { signal });
    if (answer.serverTime !== null) this.#aheadMs = answer.serverTime - clock.monotonic();
    const claims = isRepeated ? await this.#confirmed(answer.claims, calledAt) : answer.claims;
    const now = this.time();
    const operations = claims.map((entry) =>
      claimedOperation(entry, { now, worker, firstLeaseMs: entry.leaseMs }),
    );
    for (const operation of operations) {
      this.#unkept.set(keyOf(operation), { operation, calledAt });
      if (operation.metadata !== null) this.#reported.add(operation.metadata);
    }
    return { operations, nextTime: null };
  }

  firstLeaseMs(operation: Operation): number {
    return claimedIn(operation).firstLeaseMs;
  }

  async report(lease: Lease, leaseMs: number, metadata: Payload | null): Promise<RenewAnswer> {
    const { claimed, revision } = claimedIn(lease);
    const { held, cancelRequested } = await this.#renew(claimed, leaseMs, metadata);
    if (!held) return { held };
    return { held, leaseTime: this.time() + leaseMs, revision, cancelRequested };
  }

  async complete(operation: Operation, response: Payload): Promise<AttemptAnswer> {
    const attempt = await this.#reportLast(operation);
    const entry = { attempt, response: response.type === EMPTY.type ? null : response };
    return outcome(operation, await unavailable(this.#completions.add(entry)));
  }

  async fail(operation: Operation, failure: AttemptFailure): Promise<AttemptAnswer> {
    const { error, exception } = failure;
    const retryDelayMs = this.#retryDelayMs(failure);
    const attempt = await this.#reportLast(operation);
    const entry = { attempt, error, exception, retryDelayMs };
    return outcome(operation, await unavailable(this.#failures.add(entry)));
  }

  async release(operation: Operation, delayMs = 0): Promise<AttemptAnswer> {
    this.#unkept.delete(keyOf(operation));
    const attempt = await this.#reportLast(operation);
    return outcome(operation, await unavailable(this.#releases.add({ attempt, delayMs })));
  }

  /** The server only notifies in answers to renewals. */
  watch(): () => void {
    return () => {};
  }

  /** The server itself gives other workers the work for which there is no slot here. */
  handOn(): void {}

  /** The server's time, as far as the newest answer shows it. */
  time(): number {
    return Math.round(this.#parts.clock.monotonic() + this.#aheadMs);
  }

  #retryDelayMs(failure: AttemptFailure): number | null {
    const { retryTime } = failure;
    if (retryTime === null) return null;
    const delayMs = this.#retryDelays.get(failure) ?? Math.max(0, retryTime - this.time());
    this.#retryDelays.set(failure, delayMs);
    return delayMs;
  }

  /** @returns the proof of the claim */
  async #reportLast(operation: Operation): Promise<PresentedAttempt> {
    const { metadata } = operation;
    const { claimed } = claimedIn(operation);
    if (metadata === null || this.#reported.has(metadata)) return claimed;
    await this.#renew(claimed, this.#parts.leaseMs, metadata);
    return claimed;
  }

  /** Sends a report. A report that the server rejects is not shown, and not sent again. */
  async #renew(attempt: PresentedAttempt, leaseMs: number, metadata: Payload | null): Promise<RenewalAnswer> {
    const answer = await unavailable(
      this.#renewals.add({ attempt, leaseMs, metadata }).catch((error: unknown) => {
        if (!isInvalid(error)) throw error;
        return this.#renewals.add({ attempt, leaseMs, metadata: null });
      }),
    );
    if (metadata !== null) this.#reported.add(metadata);
    return answer;
  }

  /**
   * A repeated claim may return operations whose leases began long ago, with the first, lost
   * answer: they are renewed before anything else, and lost ones are left out.
   */
  async #confirmed(claims: readonly ClaimEntry[], calledAt: number): Promise<readonly ClaimEntry[]> {
    if (claims.length === 0) return claims;
    const { clock, leaseMs } = this.#parts;
    const sentMs = clock.monotonic() - calledAt;
    const answers = await Promise.all(
      claims.map(({ attempt }) => unavailable(this.#renewals.add({ attempt, leaseMs, metadata: null }))),
    );
    return claims.flatMap((claim, index) => {
      const answer = answers[index];
      if (answer?.held !== true) return [];
      const cancelRequested = claim.cancelRequested || answer.cancelRequested;
      return [{ ...claim, cancelRequested, leaseMs: sentMs + answer.leaseMs }];
    });
  }

  #keep(lease: Lease, leaseMs: number): void {
    const key = keyOf(lease);
    const unkept = this.#unkept.get(key);
    this.#unkept.delete(key);
    invariant(unkept !== undefined, "a lease is kept once");
    const { operation, calledAt } = unkept;
    const { clock, keeper } = this.#parts;
    const leftMs = calledAt + operation.firstLeaseMs - clock.monotonic();
    keeper.keep({ ...lease, ...operation.claimed }, leaseMs, leftMs);
  }
}

/** Details count as this many characters, because they are limited and few. */
const DETAILS_TEXT = 1_024;

function claimedIn(record: object): ClaimedOperation {
  return record as ClaimedOperation;
}

function keyOf({ id, attempt }: Lease): string {
  return `${id}/${attempt}`;
}

/** One call for each length of lease. Usually there is one. */
function renew(calls: WorkerCalls, renewals: readonly Renewing[]) {
  return grouped(
    renewals,
    ({ leaseMs }) => leaseMs,
    (leaseMs, some) => calls.renew(leaseMs, some),
  );
}

/** One call for each delay. Usually there is one. */
function release(calls: WorkerCalls, releases: readonly Release[]) {
  return grouped(
    releases,
    ({ delayMs }) => delayMs,
    (delayMs, some) =>
      calls.release(
        some.map(({ attempt }) => attempt),
        delayMs,
      ),
  );
}

/** The reasons of errors that mean that this worker has lost the attempt. */
const LOST: ReadonlySet<string> = new Set(["ATTEMPT_LOST", "OPERATION_DONE"]);

function outcome(operation: Operation, { error }: OutcomeAnswer): AttemptAnswer {
  if (error === undefined) return { operation };
  if (LOST.has(error.reason ?? "") || error.code === "NOT_FOUND") return "lost";
  throw repeatable(error);
}

async function unavailable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw repeatable(error);
  }
}

/**
 * The next call may succeed, whatever the error was: an operator may renew a token, grant a
 * permission or repair a proxy. Only invalid content stays invalid.
 */
function repeatable(error: unknown): unknown {
  if (isInvalid(error)) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new StatusError("UNAVAILABLE", message, { reason: "SERVER_UNREACHABLE", cause: error });
}

function isInvalid(error: unknown): boolean {
  return error instanceof StatusError && error.code === "INVALID_ARGUMENT";
}
