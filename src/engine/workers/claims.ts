import { ANONYMOUS, type Caller } from "../../core/caller.ts";
import { serviceError } from "../../core/error/error.ts";
import type { Tell } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import { isSealed, LOST_REQUEST } from "../../core/operation/sealed.ts";
import { payloadLost } from "../../core/operation/transition.ts";
import type { AbortSource, WaitingConnection } from "../../core/ports/abort.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { WorkerPort } from "../../core/ports/worker-port.ts";
import type { AttemptTokens } from "./attempt-tokens.ts";
import type { AskedClaim } from "./claim-checks.ts";
import type { Given } from "./parked-claim.ts";
import type { ParkedClaims } from "./parked-claims.ts";
import type { RememberedAttempts } from "./remembered-attempts.ts";
import { RepeatedClaims } from "./repeated-claims.ts";
import type { Claim, ClaimResult } from "./worker-calls.ts";

/** Options for the wait of a claim. */
export interface ClaimSetting {
  /** Aborts when the caller hangs up or loses the permission. */
  readonly signal?: AbortSource | undefined;
  /** In addition to `signal`, if the caller waits over a connection. */
  readonly waiting?: WaitingConnection | undefined;
}

/** The parts of {@link Claims}. */
export interface ClaimsParts {
  readonly attempts: Pick<WorkerPort, "fail" | "release" | "time">;
  readonly parked: ParkedClaims;
  readonly remembered: RememberedAttempts;
  readonly tokens: AttemptTokens;
  readonly clock: Clock;
  readonly tell: Tell;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
}

/**
 * Claims of workers without the store: their results, and the handling of operations that cannot be
 * handed out.
 */
export class Claims {
  readonly #parts: ClaimsParts;
  readonly #repeated: RepeatedClaims;

  constructor(parts: ClaimsParts) {
    this.#parts = parts;
    this.#repeated = new RepeatedClaims(parts.clock);
  }

  /**
   * Claims operations, and waits if there are none.
   *
   * @throws {StatusError} CANCELLED CALLER_GONE; RESOURCE_EXHAUSTED TOO_MANY_CLAIMS; the errors of
   * the store
   */
  async claim(caller: Caller, asked: AskedClaim, setting: ClaimSetting): Promise<ClaimResult> {
    const arrivedAt = this.#parts.clock.monotonic();
    const { requestId, parent, worker } = asked;
    const key = requestId === "" ? undefined : JSON.stringify([caller.principal, parent, worker, requestId]);
    const known = key === undefined ? undefined : await this.#repeated.find(key);
    if (known !== undefined) {
      // The leases have the length from the first claim, whatever this one requests.
      const { given, leaseMs } = known;
      return this.#result(given, { ...asked, leaseMs }, arrivedAt);
    }
    const principal = caller.principal === ANONYMOUS.principal ? undefined : caller.principal;
    const given = await this.#given(asked, { ...setting, principal }, key);
    if (setting.signal?.aborted === true) {
      for (const { operation } of given) this.#giveBack(operation, 0);
      throw serviceError("CALLER_GONE", "The worker hung up before its claim was answered.");
    }
    const readable = given.filter((each) => this.#isReadable(each));
    for (const { operation } of readable) this.#tellClaim(operation, asked);
    for (const { operation } of readable) this.#parts.remembered.remember(operation);
    if (key !== undefined) this.#repeated.keep(key, readable, asked.leaseMs);
    return this.#result(readable, asked, arrivedAt);
  }

  /** The available operations, or those that arrive during the wait. */
  async #given(
    asked: AskedClaim,
    { signal, waiting, principal }: ClaimSetting & { readonly principal: string | undefined },
    key: string | undefined,
  ): Promise<readonly Given[]> {
    const { parked } = this.#parts;
    if (asked.waitMs <= 0) return parked.claim(asked);
    const { answer, end } = parked.park(asked, { connection: waiting?.connection, principal });
    const over = key === undefined ? undefined : this.#repeated.begin(key, () => (end(), answer));
    if (signal?.aborted === true) end();
    signal?.addEventListener("abort", end);
    waiting?.stepAside();
    const given = await answer;
    signal?.removeEventListener("abort", end);
    over?.();
    // The signal shows whether the caller has hung up.
    await waiting?.stepBack().catch(() => {});
    return given;
  }

  #result(given: readonly Given[], asked: AskedClaim, arrivedAt: number): ClaimResult {
    const { attempts, tokens } = this.#parts;
    const claims = given.map(({ operation, calledAt }): Claim => {
      const attempt = { name: formatName(operation), attempt: operation.attempt };
      return {
        attempt: { ...attempt, token: tokens.tokenOf(attempt, asked.worker) },
        operation,
        // The lease counts from the time at which the worker sent its claim, before the claim
        // arrived.
        leaseMs: Math.max(1, Math.floor(calledAt - arrivedAt + asked.leaseMs)),
      };
    });
    return { claims, time: attempts.time() };
  }

  /**
   * A lost request ends its operation; if only other processes have the key, the operation waits
   * for them.
   */
  #isReadable({ operation }: Given): boolean {
    const { attempts, domain } = this.#parts;
    if (!isSealed(operation.request)) return true;
    if (operation.request !== LOST_REQUEST) this.#giveBack(operation, LIMITS.keyMissingDelayMs);
    else {
      const failure = { error: payloadLost(domain), exception: null, retryTime: null };
      attempts.fail(operation, failure).catch((error: unknown) => this.#tellUnreturned(operation, error));
    }
    return false;
  }

  #giveBack(operation: Given["operation"], delayMs: number): void {
    const { attempts } = this.#parts;
    attempts.release(operation, delayMs).catch((error: unknown) => this.#tellUnreturned(operation, error));
  }

  #tellUnreturned(operation: Given["operation"], error: unknown): void {
    this.#parts.tell["claim.unreturned"]?.({ operation: formatName(operation), error });
  }

  #tellClaim(operation: Given["operation"], { worker, leaseMs }: AskedClaim): void {
    const { method, attempt, availableTime, leaseTime } = operation;
    const claimTime = (leaseTime ?? availableTime) - leaseMs;
    const waitMs = Math.max(0, claimTime - availableTime);
    const told = { operation: formatName(operation), method, attempt };
    this.#parts.tell["attempt.claimed"]?.({ ...told, worker, waitMs });
  }
}
