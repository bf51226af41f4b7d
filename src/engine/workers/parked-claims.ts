import type { Tell } from "../../core/events.ts";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Clock, Timer } from "../../core/ports/clock.ts";
import type { Change, ClaimAnswer } from "../../core/ports/store.ts";
import type { Claimant, Reservation, WorkerPort } from "../../core/ports/worker-port.ts";
import { Seats } from "../waiting/seats.ts";
import type { AskedClaim } from "./claim-checks.ts";
import { claimInParts } from "./claim-parts.ts";
import { type Given, ParkedClaim, type ParkedFor } from "./parked-claim.ts";
import type { Asking, Scope } from "./scope.ts";
import { Scopes } from "./scopes.ts";
import { Counts } from "./counts.ts";

/** The parts of {@link ParkedClaims}. */
export interface ParkedClaimsParts {
  readonly attempts: Pick<WorkerPort, "claim" | "handOn" | "pollMs" | "time">;
  readonly clock: Clock;
  readonly tell: Tell;
  /**
   * Whether a worker of this process runs the method; it then passes on the hints for which nobody
   * here has room.
   */
  readonly runsHere: (method: string) => boolean;
  /**
   * Receives the methods that a claim waits for, and a function that tells whether any claim still
   * does.
   */
  readonly attend: (methods: readonly string[], isWaitedFor: (method: string) => boolean) => void;
}

/** A waiting claim, for its caller. */
export interface Parked {
  readonly answer: Promise<readonly Given[]>;
  /** Ends the wait. Operations that still arrive are in the answer. */
  readonly end: () => void;
}

/** The pause after a failed claim to the store. */
const REST_MS = 1_000;

/**
 * The waiting claims of workers without the store, and the order in which they get work.
 *
 * Words: a claim is *parked* while it waits. A *scope* is where a claim waits: one parent with all
 * below it, or everywhere. If there may be work (scope.ts), the store is asked for the first
 * waiting claim, and for a few claims at once. A start that finds a parked claim is stored as
 * claimed for it. An idle server does nothing. One timer serves work that becomes available later
 * and, if the store does not announce all work, one look in each scope.
 *
 * On failure of the store, claims keep waiting, and one asks again after a pause. If a
 * claim's answer was lost, its operations are unconfirmed, and return after their first lease.
 */
export class ParkedClaims implements Claimant {
  readonly #parts: ParkedClaimsParts;
  readonly #seats = new Seats(LIMITS.parkedClaimsMax);
  readonly #scopes = new Scopes();
  /** The methods of waiting claims in all scopes. */
  readonly #waitedFor = new Counts();
  /** The scopes that may have work for a claim. */
  readonly #eager = new Set<Scope>();
  #paused: ReadonlySet<string> = new Set();
  #order = 0;
  #underWay = 0;
  /** Monotonic: the earliest time of the next claim. */
  #restUntil = Number.NEGATIVE_INFINITY;
  #isInterrupted = false;
  #timer: (Timer & { readonly at: number }) | undefined;
  /** Monotonic: the time of the next look in all scopes with claims. */
  #lookAt = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(parts: ParkedClaimsParts) {
    this.#parts = parts;
  }

  /** The number of waiting claims. */
  get count(): number {
    return this.#seats.taken;
  }

  /** Claims available operations without waiting. @throws {StatusError} as the store */
  async claim(asked: AskedClaim): Promise<readonly Given[]> {
    const methods = this.#unpaused(asked);
    if (this.#stopped || methods.length === 0) return [];
    const scope = this.#scopes.of(asked.parent);
    return this.#ask(scope, asked, methods);
  }

  /**
   * Waits for work.
   *
   * @param whom its connection and principal have their shares of the places
   * @throws {StatusError} RESOURCE_EXHAUSTED TOO_MANY_CLAIMS
   */
  park(asked: AskedClaim, whom: ParkedFor): Parked {
    if (!this.#seats.hasRoomFor(whom.connection, whom.principal)) throw tooMany(this.count);
    const scope = this.#scopes.of(asked.parent);
    const claim = new ParkedClaim(asked, ++this.#order);
    if (this.#stopped) claim.end();
    else this.#enter(scope, claim, whom);
    return { answer: claim.answer, end: () => claim.end() };
  }

  #enter(scope: Scope, claim: ParkedClaim, whom: ParkedFor): void {
    const { clock, attempts, attend } = this.#parts;
    if (this.count === 0 && attempts.pollMs !== null) this.#lookAt = clock.monotonic() + attempts.pollMs;
    this.#seats.take(whom.connection, whom.principal);
    scope.add(claim);
    for (const method of claim.asked.methods) this.#waitedFor.add(method);
    const timer = clock.after(claim.asked.waitMs, () => claim.end());
    void claim.answer.then(() => this.#leave(scope, claim, { timer, ...whom }));
    attend(claim.asked.methods, this.#isWaitedFor);
    this.#eager.add(scope);
    this.#pump();
  }

  #leave(
    scope: Scope,
    claim: ParkedClaim,
    { timer, connection, principal }: ParkedFor & { readonly timer: Timer },
  ): void {
    timer.cancel();
    scope.delete(claim);
    for (const method of claim.asked.methods) this.#waitedFor.remove(method);
    this.#seats.leave(connection, principal);
    if (this.count === 0) this.#disarm();
  }

  reserve(method: string, parent: string): Reservation | undefined {
    if (this.#stopped || this.count === 0 || this.#paused.has(method)) return undefined;
    const now = this.#parts.attempts.time();
    let first: ParkedClaim | undefined;
    for (const scope of this.#scopes.containing(parent)) {
      const claim = scope.claimant(method, now);
      if (claim !== undefined && (first === undefined || claim.order < first.order)) first = claim;
    }
    return first?.reserve();
  }

  /** Handles changes of the store. */
  notice(changes: readonly Change[]): void {
    const pending = changes.filter(({ state }) => state === "PENDING");
    if (pending.length === 0) return;
    const now = this.#parts.attempts.time();
    for (const { method, availableTime, parent } of pending) {
      for (const scope of this.#scopes.containing(parent))
        if (scope.notice(method, availableTime, now)) this.#eager.add(scope);
      this.#handOn(method);
    }
    this.#pump();
  }

  /** Prevents new attempts of these methods. */
  pause(methods: ReadonlySet<string>): void {
    this.#paused = methods;
    this.#lookEverywhere();
  }

  /** Answers all waiting and later claims. */
  stop(): void {
    this.#stopped = true;
    this.#disarm();
    for (const scope of this.#scopes.all()) scope.endAll();
  }

  /** Passes on a notice of work if no claim here needs it. */
  #handOn(method: string): void {
    const { attempts, runsHere } = this.#parts;
    if (!runsHere(method) && !this.#paused.has(method) && !this.#isWaitedFor(method)) attempts.handOn(method);
  }

  #handOnLeft(scope: Scope, { methods }: AskedClaim): void {
    for (const method of methods) if (scope.mayHave(method)) this.#handOn(method);
  }

  readonly #isWaitedFor = (method: string): boolean => this.#waitedFor.has(method);

  /** Asks the store for the claims whose turn it is. */
  #pump(): void {
    const { clock } = this.#parts;
    if (this.#stopped || clock.monotonic() < this.#restUntil) return this.#arm();
    for (const scope of this.#eager) {
      for (;;) {
        if (this.#underWay >= LIMITS.claimsUnderWayMax) return;
        const claim = scope.first(this.#paused);
        if (claim === undefined) break;
        claim.ask();
        void this.#askFor(scope, claim);
      }
      this.#eager.delete(scope);
    }
    this.#arm();
  }

  async #askFor(scope: Scope, claim: ParkedClaim): Promise<void> {
    this.#underWay++;
    let given: readonly Given[] = [];
    try {
      given = await this.#ask(scope, claim.asked, this.#unpaused(claim.asked));
    } catch {
      this.#restUntil = this.#parts.clock.monotonic() + REST_MS;
    }
    this.#underWay--;
    claim.take(given);
    // After the claim's answer, operations that it did not take may be for others.
    if (given.length > 0) void claim.answer.then(() => this.#handOnLeft(scope, claim.asked));
    this.#eager.add(scope);
    this.#pump();
  }

  async #ask(scope: Scope, asked: AskedClaim, methods: readonly string[]): Promise<readonly Given[]> {
    const { attempts, clock, tell } = this.#parts;
    const { worker, limit, leaseMs, parent } = asked;
    const asking = scope.ask(methods, limit);
    tell["claim.sent"]?.({ worker, limit });
    const calledAt = clock.monotonic();
    try {
      const answer = await claimInParts(attempts, {
        worker,
        leaseMs,
        limit,
        wanted: methods.map((method) => ({ method, limit })),
        ...(parent === "" ? {} : { within: parent }),
      });
      this.#learn(scope, { ...asking, limit: answer.asked }, answer);
      const count = answer.operations.length;
      tell["claim.answered"]?.({ worker, limit, count, durationMs: clock.monotonic() - calledAt });
      return answer.operations.map((operation) => ({ operation, calledAt }));
    } catch (error) {
      scope.failed(asking);
      tell["claim.failed"]?.({ worker, error });
      if (!this.#isInterrupted) tell["claims.interrupted"]?.({ error });
      this.#isInterrupted = true;
      throw error;
    }
  }

  #learn(scope: Scope, asking: Asking, answer: ClaimAnswer): void {
    if (this.#isInterrupted) this.#parts.tell["claims.resumed"]?.({});
    this.#isInterrupted = false;
    scope.answered(asking, answer, this.#parts.attempts.time());
  }

  #unpaused({ methods }: AskedClaim): readonly string[] {
    return this.#paused.size === 0 ? methods : methods.filter((each) => !this.#paused.has(each));
  }

  #lookEverywhere(): void {
    for (const scope of this.#scopes.all()) {
      scope.hintAll();
      if (scope.size > 0) this.#eager.add(scope);
    }
    this.#pump();
  }

  /** A timer that is set too early stays: it fires, finds nothing to do, and is set again. */
  #arm(): void {
    if (this.#stopped || this.count === 0) return;
    const { clock, attempts } = this.#parts;
    const now = clock.monotonic();
    let soonest = this.#eager.size > 0 && this.#restUntil > now ? this.#restUntil : this.#lookAt;
    for (const scope of this.#scopes.all())
      if (scope.size > 0) soonest = Math.min(soonest, now + Math.max(0, scope.dueTime - attempts.time()));
    if (!Number.isFinite(soonest) || (this.#timer !== undefined && this.#timer.at <= soonest)) return;
    this.#timer?.cancel();
    const timer = clock.after(soonest - now, () => this.#ring());
    this.#timer = { at: soonest, cancel: () => timer.cancel() };
  }

  #ring(): void {
    const { clock, attempts } = this.#parts;
    this.#timer = undefined;
    const isToLook = clock.monotonic() >= this.#lookAt;
    if (isToLook && attempts.pollMs !== null) this.#lookAt = clock.monotonic() + attempts.pollMs;
    for (const scope of this.#scopes.all()) {
      const isDue = scope.dueTime <= attempts.time();
      if (isDue) scope.dueTime = Number.POSITIVE_INFINITY;
      if (isDue || isToLook) scope.hintAll();
      if (scope.size > 0) this.#eager.add(scope);
    }
    this.#pump();
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#lookAt = Number.POSITIVE_INFINITY;
  }
}

function tooMany(count: number): Error {
  const { parkedClaimsMax } = LIMITS;
  return serviceError(
    "TOO_MANY_CLAIMS",
    `${count} of ${parkedClaimsMax} places for claims that wait are taken, and a caller may have only a part of those that are ` +
      "left; claim again later, or without a timeout.",
    { metadata: { max: String(parkedClaimsMax) } },
  );
}
