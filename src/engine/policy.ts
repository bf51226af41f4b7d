import { ANONYMOUS, type Caller } from "../core/caller.ts";
import { StatusError } from "../core/error/error.ts";
import type { Permission } from "../core/permission.ts";
import type { AbortSource } from "../core/ports/abort.ts";
import type { Audit, CallEnd } from "../core/ports/audit.ts";
import type { Authorizer, Call } from "../core/ports/authorizer.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Quotas } from "../core/ports/quotas.ts";
import type { Tenants } from "../core/ports/tenants.ts";
import { HeldCalls } from "./held-calls.ts";

/**
 * The one chain around all use cases: authorize, quota, use case, audit, observe. Edges reach a use
 * case only through `Operations`, and every call of `Operations` passes this chain once.
 *
 * A refusal by the authorizer, the audit or the quota ends the call before any read or effect.
 * Audit and observer receive every call once, with its error if any, before the caller is answered.
 *
 * @see docs/decisions/0035-one-chain-around-the-use-cases.md
 */

/** Observes calls, for telemetry. */
export interface CallObserver {
  ended(call: Call, end: CallEnd): void;
}

/** Announces that permissions of callers have changed. */
export interface PolicyChanges {
  /** @returns removes the listener */
  watch(listener: () => void): () => void;
}

/** The ports of the chain. */
export interface Policy {
  readonly authorizer: Authorizer;
  readonly quotas: Quotas;
  readonly audit: Audit;
  readonly observer: CallObserver;
  readonly changes: PolicyChanges;
  readonly tenants: Tenants;
}

/** Allows everything and records nothing. */
const OPEN_POLICY: Policy = {
  authorizer: { authorize: () => undefined, viewOf: () => "" },
  quotas: { passes: () => true, take: () => undefined },
  audit: { admit: () => false, record: () => undefined },
  observer: { ended: () => undefined },
  changes: { watch: () => () => undefined },
  tenants: { of: () => null },
};

/** Whether the permission of a call is certain to last as long as the call. */
function isForGood({ caller }: Call, { changes }: Policy): boolean {
  return caller.credential === undefined && changes === OPEN_POLICY.changes;
}

/** Whether an error means that an operation does not exist. */
function isMissing(error: unknown): boolean {
  return error instanceof StatusError && MISSING.has(error.reason ?? "");
}

const MISSING: ReadonlySet<string> = new Set(["OPERATION_NOT_FOUND", "OPERATION_EXPIRED"]);

/** The chain over its ports. */
export class Chain {
  readonly #policy: Policy;
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #held: HeldCalls;
  readonly #unwatch: () => void;

  constructor(policy: Partial<Policy>, clock: Clock) {
    this.#policy = { ...OPEN_POLICY, ...policy };
    this.#clock = clock;
    const { authorizer, changes } = this.#policy;
    this.#held = new HeldCalls(clock, authorizer);
    this.#unwatch = changes.watch(() => this.#held.recheck());
  }

  /** As {@link Authorizer.viewOf}. */
  viewOf(caller: Caller): string | undefined {
    return this.#policy.authorizer.viewOf(caller);
  }

  /** Whether the caller has the permission for a call, without executing it. */
  async permits(call: Call): Promise<boolean> {
    try {
      await this.#policy.authorizer.authorize(call);
      return true;
    } catch (error) {
      if (error instanceof StatusError) return false;
      throw error;
    }
  }

  /** As {@link Authorizer.parentsOf}. */
  parentsOf(call: Call): readonly string[] | undefined {
    return this.#policy.authorizer.parentsOf?.(call);
  }

  /**
   * Refuses a caller without credentials and permission, before its request is read.
   *
   * @param permissions the caller needs one of them
   * @returns a rejection; undefined if the caller may continue
   */
  admit(call: Call, permissions: readonly Permission[] = [call.permission]): Promise<never> | undefined {
    if (call.caller.principal !== ANONYMOUS.principal) return undefined;
    const beganAt = this.#clock.monotonic();
    try {
      this.#policy.authorizer.admit?.(call, permissions);
      return undefined;
    } catch (error) {
      return Promise.resolve(this.#tell(call, { error }, beganAt)).then(() => Promise.reject(error));
    }
  }

  /**
   * Executes a call.
   *
   * @param useCase receives the caller, with the tenant of the resource
   * @param findResource finds the resource first, if only the request contains it
   * @throws {StatusError} the errors of the ports and of the use case
   */
  async run<T>(
    call: Call,
    useCase: (caller: Caller) => Promise<T>,
    findResource?: () => Promise<string>,
  ): Promise<T> {
    const beganAt = this.#clock.monotonic();
    let told = call;
    let result: T;
    try {
      if (findResource !== undefined) {
        this.#policy.authorizer.authorizeSomewhere?.(call);
        told = { ...call, resource: await findResource() };
      }
      await this.#policy.authorizer.authorize(told);
      told = this.#withTenant(told);
      this.#policy.audit.admit(told);
      await this.#policy.quotas.take(told);
      result = await useCase(told.caller);
    } catch (thrown) {
      const error = isMissing(thrown) ? (this.#policy.authorizer.concealed?.(told) ?? thrown) : thrown;
      await this.#tell(told, { error }, beganAt);
      throw error;
    }
    const kept = this.#tell(told, { error: undefined, result }, beganAt);
    if (kept !== undefined) await kept;
    return result;
  }

  /**
   * Executes a long call until it ends or its caller loses the permission.
   *
   * @param gone aborts when the caller hangs up
   * @param useCase receives a signal that aborts in either case
   * @throws {StatusError} as {@link run}, and the reason of a lost permission
   */
  hold<T>(
    call: Call,
    gone: AbortSource | undefined,
    useCase: (signal: AbortSource | undefined) => Promise<T>,
  ): Promise<T> {
    if (isForGood(call, this.#policy)) return this.run(call, () => useCase(gone));
    return this.run(call, () => this.#held.hold(call, gone, useCase));
  }

  /** The number of policy changes so far. */
  get changes(): number {
    return this.#held.changes;
  }

  /**
   * Continues an executed call (a watch) until it ends or its caller loses the permission. A lost
   * permission is recorded as a second end of the call.
   *
   * @param since {@link changes} before the call was executed
   * @param useCase receives a signal that then aborts, and may already be aborted
   * @throws {StatusError} the reason of the lost permission
   */
  async goOn(call: Call, since: number, useCase: (signal: AbortSource) => Promise<void>): Promise<void> {
    if (isForGood(call, this.#policy)) return;
    const beganAt = this.#clock.monotonic();
    try {
      await this.#held.hold(call, undefined, useCase, since);
    } catch (error) {
      await this.#tell(call, { error }, beganAt);
      throw error;
    }
  }

  /** Stops listening to changes. */
  stop(): void {
    this.#unwatch();
  }

  /**
   * Executes a call whose answer may be cached.
   *
   * The permission is decided before the answer is looked for, so that a caller without it cannot
   * measure whether the answer is cached for others.
   *
   * @param find finds the cached answer; undefined if there is none
   * @returns the answer. Undefined if there is none, if the caller has no permission, or if a
   * decision takes time. Then nothing is recorded; `run` gives the answer or throws the reason
   */
  answerKept<Answer>(asked: Call, find: () => Answer | undefined): Answer | undefined {
    const beganAt = this.#clock.monotonic();
    if (!this.#allowsAtOnce(asked)) return undefined;
    const answer = find();
    if (answer === undefined) return undefined;
    try {
      const call = this.#withTenant(asked);
      if (this.#policy.audit.admit(call)) return undefined;
      if (!this.#policy.quotas.passes(call)) return undefined;
      void this.#tell(call, { error: undefined }, beganAt);
      return answer;
    } catch {
      return undefined;
    }
  }

  #allowsAtOnce(call: Call): boolean {
    try {
      const undecided = this.#policy.authorizer.authorize(call);
      undecided?.catch(() => undefined);
      return undecided === undefined;
    } catch {
      return false;
    }
  }

  /** A tenant from the authentication takes precedence. */
  #withTenant(call: Call): Call {
    if (call.caller.tenant !== null) return call;
    const tenant = this.#policy.tenants.of(call.resource);
    return tenant === null ? call : { ...call, caller: { ...call.caller, tenant } };
  }

  #tell(call: Call, how: Omit<CallEnd, "durationMs">, beganAt: number): Promise<void> | undefined {
    const end: CallEnd = { ...how, durationMs: this.#clock.monotonic() - beganAt };
    const kept = this.#policy.audit.record(call, end);
    this.#policy.observer.ended(call, end);
    return kept;
  }
}
