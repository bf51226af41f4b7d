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
 * The one chain around all use cases: authorize, quota, use case, audit, observe. Edges reach a use case through
 * `Operations` only, and every call of `Operations` passes this chain once, however it came.
 *
 * A refusal of the authorizer, the audit or the quota ends the call before anything is read or done. Audit and observer are
 * told of every call once, with its error where it has one, before the caller is answered.
 *
 * @see docs/decisions/0035-one-chain-around-the-use-cases.md
 */

/** Is told of calls, for telemetry. */
export interface CallObserver {
  ended(call: Call, end: CallEnd): void;
}

/** Tells that callers may do less than before, or others. */
export interface PolicyChanges {
  /** @returns takes the listener off */
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

/** Allows everything, and tells nobody. */
const OPEN_POLICY: Policy = {
  authorizer: { authorize: () => undefined, viewOf: () => "" },
  quotas: { passes: () => true, take: () => undefined },
  audit: { admit: () => false, record: () => undefined },
  observer: { ended: () => undefined },
  changes: { watch: () => () => undefined },
  tenants: { of: () => null },
};

/** Whether nothing can end the permission of a call while it goes on. */
function isForGood({ caller }: Call, { changes }: Policy): boolean {
  return caller.credential === undefined && changes === OPEN_POLICY.changes;
}

/** Whether an error says that an operation does not exist. */
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

  /** Whether a caller may, of a call that is not made. */
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
   * Refuses a caller without credentials who may make no such call, before its request is read.
   *
   * @param permissions of which the caller needs one
   * @returns a rejection; undefined for a caller who may go on
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
   * Carries out a call.
   *
   * @param useCase is given the caller, with the tenant whose the resource is
   * @param findResource finds the resource first, where only the request tells it
   * @throws {StatusError} what the ports and the use case throw
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
   * Carries out a call that goes on for long, until it ends or its caller may no more.
   *
   * @param gone aborts when the caller hangs up
   * @param useCase is given what aborts in either case
   * @throws {StatusError} as {@link run}, and why the caller may no more
   */
  hold<T>(
    call: Call,
    gone: AbortSource | undefined,
    useCase: (signal: AbortSource | undefined) => Promise<T>,
  ): Promise<T> {
    if (isForGood(call, this.#policy)) return this.run(call, () => useCase(gone));
    return this.run(call, () => this.#held.hold(call, gone, useCase));
  }

  /** Changes of what callers may, so far. */
  get changes(): number {
    return this.#held.changes;
  }

  /**
   * Has a call go on that was carried out, until it ends or its caller may no more, which is told as another end of it.
   *
   * @param since {@link changes} before it was carried out
   * @param useCase is given what aborts then, and may have aborted already
   * @throws {StatusError} why the caller may no more
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

  /** Hears of no changes any more. */
  stop(): void {
    this.#unwatch();
  }

  /**
   * Carries out a call whose answer is at hand.
   *
   * @returns whether the caller may have the answer at once. Otherwise nothing is told, and `run` says why not
   */
  passes(asked: Call): boolean {
    const beganAt = this.#clock.monotonic();
    try {
      const undecided = this.#policy.authorizer.authorize(asked);
      if (undecided !== undefined) {
        undecided.catch(() => undefined);
        return false;
      }
      const call = this.#withTenant(asked);
      if (this.#policy.audit.admit(call)) return false;
      if (!this.#policy.quotas.passes(call)) return false;
      void this.#tell(call, { error: undefined }, beganAt);
      return true;
    } catch {
      return false;
    }
  }

  /** Whoever says of itself whom it works for is believed. */
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
