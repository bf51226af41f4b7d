import type { Caller } from "../../core/caller.ts";
import type { Tell } from "../../core/events.ts";
import type { Method } from "../../core/method/method.ts";
import { Validations } from "../../core/method/validation.ts";
import { PERMISSIONS } from "../../core/permission.ts";
import type { AbortSource } from "../../core/ports/abort.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import type { Claimant, Reservation } from "../../core/ports/worker-port.ts";
import type { AttemptWrites } from "../attempt-writes.ts";
import type { Pauses } from "../pauses.ts";
import type { Chain } from "../policy.ts";
import { AttemptCalls, type EntryCall } from "./attempt-calls.ts";
import { AttemptTokens } from "./attempt-tokens.ts";
import { checkClaim, checkDelay, checkLease } from "./claim-checks.ts";
import { Claims, type ClaimSetting } from "./claims.ts";
import { GivenValues } from "./given-values.ts";
import { NetworkWorkers } from "./network-workers.ts";
import { Outcomes } from "./outcomes.ts";
import { ParkedClaims } from "./parked-claims.ts";
import { RememberedAttempts } from "./remembered-attempts.ts";
import { Renewals } from "./renewals.ts";
import type {
  ClaimedAttempt,
  ClaimRequest,
  ClaimResult,
  Completion,
  OutcomeAnswer,
  ReleaseRequest,
  RemoteFailure,
  RenewalAnswer,
  RenewRequest,
} from "./worker-calls.ts";

export type { ClaimSetting } from "./claims.ts";

/** The parts of {@link RemoteWorkers}. */
export interface RemoteWorkersParts {
  readonly attempts: AttemptWrites;
  readonly methods: ReadonlyMap<string, Method>;
  /** Undefined without ports and listeners. */
  readonly chain: Chain | undefined;
  readonly pauses: Pauses;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** The service's name, for the ErrorInfo of errors. */
  readonly domain: string;
  /** The worker of this process, if there is one. */
  readonly claimant: Claimant | undefined;
}

/**
 * The use cases of workers without the store, for all edges. Each takes the caller and passes the
 * chain.
 *
 * Before the first claim, it has no listener, no timer and no query.
 *
 * @see proto/longrunning/v1/workers.proto
 */
export class RemoteWorkers implements Claimant {
  readonly #parts: RemoteWorkersParts;
  readonly #parked: ParkedClaims;
  readonly #claims: Claims;
  readonly #calls: AttemptCalls;
  readonly #outcomes: Outcomes;
  readonly #renewals: Renewals;
  /** The workers that have called, for operators. */
  readonly callers: NetworkWorkers;
  #began: Promise<void> | undefined;
  #unwatch: (() => void) | undefined;
  #stopped = false;

  constructor(parts: RemoteWorkersParts) {
    const { attempts, clock, claimant, methods } = parts;
    const { records } = attempts;
    const tokens = new AttemptTokens(records.store.key);
    const remembered = new RememberedAttempts();
    const values = new GivenValues(new Validations(clock));
    this.#parts = parts;
    this.callers = new NetworkWorkers({ clock, time: () => attempts.time() });
    this.#parked = new ParkedClaims({
      ...parts,
      runsHere: (method) => claimant !== undefined && methods.get(method)?.isRemote === false,
      attend: (...waitedFor) => records.store.neighbours?.attendWork(...waitedFor),
    });
    this.#claims = new Claims({ ...parts, tokens, remembered, parked: this.#parked });
    this.#calls = new AttemptCalls({ ...parts, tokens });
    const shared = { ...parts, remembered, values, callers: this.callers };
    this.#outcomes = new Outcomes(shared);
    this.#renewals = new Renewals({ ...shared, records, outcomes: this.#outcomes });
  }

  /** The number of waiting claims. */
  get waiting(): number {
    return this.#parked.count;
  }

  /**
   * Claims operations, and waits if there are none.
   *
   * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID, NAME_INVALID; NOT_FOUND METHOD_NOT_FOUND; PERMISSION_DENIED;
   *   RESOURCE_EXHAUSTED TOO_MANY_CLAIMS; UNAVAILABLE STORE_UNAVAILABLE; CANCELLED CALLER_GONE
   */
  claim(caller: Caller, request: ClaimRequest, setting: ClaimSetting = {}): Promise<ClaimResult> {
    const { chain } = this.#parts;
    const gone = setting.signal ?? setting.waiting;
    const claim = async (signal: AbortSource | undefined): Promise<ClaimResult> => {
      const asked = checkClaim(request, this.#parts.methods);
      await this.#begin();
      const end = this.callers.claiming(asked);
      try {
        const result = await this.#claims.claim(caller, asked, { ...setting, signal });
        this.callers.claimed(asked.worker, result.claims);
        return result;
      } finally {
        end();
      }
    };
    if (chain === undefined) return claim(gone);
    const resource = request.parent;
    return chain.hold({ caller, permission: PERMISSIONS.claim, resource }, gone, claim);
  }

  /**
   * Renews leases and stores reports.
   *
   * @returns one answer for each renewal, in their order
   * @throws {StatusError} INVALID_ARGUMENT CLAIM_INVALID; UNAVAILABLE if the store answers none of
   * them
   */
  async renew(caller: Caller, { leaseMs, renewals }: RenewRequest): Promise<readonly RenewalAnswer[]> {
    const lease = checkLease(leaseMs);
    return this.#calls.run(caller, renewals, {
      rpc: "RenewAttempts",
      field: "renewals",
      attemptOf: ({ attempt }) => attempt,
      textOf: ({ metadata }) => metadata?.json.length ?? 0,
      carryOut: (proved) => this.#renewals.renew(proved, lease),
      refused: (error): RenewalAnswer => ({ held: false, leaseMs: 0, cancelRequested: false, error }),
    });
  }

  /** Ends operations with responses. Returns and throws as {@link renew}. */
  async complete(caller: Caller, completions: readonly Completion[]): Promise<readonly OutcomeAnswer[]> {
    return this.#calls.run(caller, completions, {
      ...ended("CompleteAttempts", "completions"),
      attemptOf: ({ attempt }) => attempt,
      textOf: ({ response }) => response?.json.length ?? 0,
      carryOut: (proved) => this.#outcomes.complete(proved),
    });
  }

  /** Ends attempts with errors. Returns and throws as {@link renew}. */
  async fail(caller: Caller, failures: readonly RemoteFailure[]): Promise<readonly OutcomeAnswer[]> {
    return this.#calls.run(caller, failures, {
      ...ended("FailAttempts", "failures"),
      attemptOf: ({ attempt }) => attempt,
      textOf: ({ exception, error }) => exception.length + error.message.length,
      carryOut: (proved) => this.#outcomes.fail(proved),
    });
  }

  /** Releases attempts. Returns and throws as {@link renew}. */
  async release(
    caller: Caller,
    { attempts, delayMs = 0 }: ReleaseRequest,
  ): Promise<readonly OutcomeAnswer[]> {
    const delay = checkDelay("delay", delayMs);
    return this.#calls.run(caller, attempts, {
      ...ended("ReleaseAttempts", "attempts"),
      attemptOf: (attempt: ClaimedAttempt) => attempt,
      textOf: () => 0,
      carryOut: (proved) => this.#outcomes.release(proved, delay),
    });
  }

  /** The worker of this process takes precedence; it does not run methods with `remote()`. */
  reserve(method: string, parent: string): Reservation | undefined {
    const { claimant, methods } = this.#parts;
    const own = methods.get(method)?.isRemote === true ? undefined : claimant?.reserve(method, parent);
    return own ?? this.#parked.reserve(method, parent);
  }

  /** Answers all waiting and later claims with no operations. Outcomes are still accepted. */
  stop(): void {
    this.#stopped = true;
    this.#parked.stop();
    this.#unwatch?.();
  }

  /** Reads the paused methods before the first claim, so that none of them begins. */
  #begin(): Promise<void> {
    this.#began ??= this.#listen().catch((error: unknown) => {
      this.#began = undefined;
      throw error;
    });
    return this.#began;
  }

  async #listen(): Promise<void> {
    const { pauses, attempts } = this.#parts;
    await pauses.look();
    if (this.#stopped) return;
    pauses.watch((paused) => this.#parked.pause(paused));
    pauses.start();
    this.#unwatch = attempts.watch((changes) => this.#parked.notice(changes));
  }
}

/** The common parts of calls that end attempts. */
function ended(
  rpc: string,
  field: string,
): Pick<EntryCall<never, OutcomeAnswer>, "rpc" | "field" | "refused"> {
  return { rpc, field, refused: (error) => ({ error, state: "" }) };
}
