import { turnsOf } from "./turns.ts";
import type { AskedRequest, Expected, ExpectedFailure } from "./expected.ts";

/**
 * The reference for the engine: operations in a map, and the rules in plain words. It was written
 * from `docs/states.md` and the port's sentences, without `transition.ts` or SQL and without a look
 * at either. Pure: it knows no clock but `now`.
 */

/** All stored operations, and what is known of removed ones. */
export class Oracle {
  /** The store's clock: it stands still while the machine's clock is set back. */
  now: number;
  readonly kept = new Map<string, Expected>();
  /** Removed operations, with the time from which their ids count as expired. */
  readonly gone = new Map<string, Pick<Expected, "createTime" | "timeToLiveMs">>();

  constructor(now: number) {
    this.now = now;
  }

  /** Sets the machine's clock. @returns whether the store's clock changes */
  tick(wall: number): boolean {
    const moved = wall > this.now;
    if (moved) this.now = wall;
    return moved;
  }

  /**
   * Another process opens the store: its clock begins anew, and every lease of an earlier process
   * ends.
   */
  reopen(wall: number): void {
    this.now = wall;
    for (const each of this.kept.values()) {
      if (each.worker?.startsWith("remote:") === true) continue;
      if (each.leaseTime !== null && each.leaseTime > wall) each.leaseTime = wall;
    }
  }

  /** The operation of a request id. */
  byRequest({ parent, method, requestId }: AskedRequest): Expected | undefined {
    if (requestId === undefined) return undefined;
    return [...this.kept.values()].find(
      (each) => each.parent === parent && each.method === method && each.requestId === requestId,
    );
  }

  /** The contents of a list whose operations all fit on one page. */
  list(parent: string): Expected[] {
    const found = [...this.kept.values()].filter((each) => each.parent === parent);
    return found.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** Stores a new operation. If it has a limit, it is blocked unless a place is free. */
  start(each: Expected, most: number | undefined): void {
    each.blocked = most !== undefined && !this.isFree(each, most);
    this.kept.set(each.id, each);
  }

  /**
   * Whether one more operation of a method and key can start: nothing waits, and fewer than the
   * limit are active.
   */
  isFree(place: Pick<Expected, "method" | "parallelKey">, most: number): boolean {
    const unfinished = this.#unfinished(place);
    return unfinished.every((each) => !each.blocked) && unfinished.length < most;
  }

  #unfinished({ method, parallelKey }: Pick<Expected, "method" | "parallelKey">): Expected[] {
    return [...this.kept.values()].filter(
      (each) => each.method === method && each.parallelKey === parallelKey && each.endTime === null,
    );
  }

  /**
   * An operation has ended, or is removed: if it had a place, the first blocked operation gets it.
   */
  #leave(each: Expected): void {
    if (each.parallelKey === null || each.blocked) return;
    const [first] = this.#unfinished(each)
      .filter(({ blocked }) => blocked)
      .toSorted(byTurn);
    if (first === undefined) return;
    first.blocked = false;
    first.revision += 1;
  }

  claim(
    wanted: ReadonlyMap<string, number>,
    limit: number,
    lease: { worker: string; leaseMs: number },
    answered: ReadonlySet<string>,
  ): { readonly claimed: readonly Expected[]; readonly nextTime: number | null | undefined } {
    const pending = this.claimable(wanted);
    const left = new Map(wanted);
    const claimed: Expected[] = [];
    for (const each of pending) {
      const room = left.get(each.method) ?? 0;
      if (each.availableTime > this.now || room === 0 || claimed.length === limit) continue;
      left.set(each.method, room - 1);
      claimed.push(each);
    }
    const turns = turnsOf(answered, { pending, claimed, wanted, now: this.now });
    if (turns !== undefined) claimed.splice(0, claimed.length, ...turns);
    const waiting = pending.filter((each) => !claimed.includes(each)).map((each) => each.availableTime);
    for (const each of claimed) this.run(each, lease);
    return { claimed, nextTime: waiting.length === 0 ? null : Math.min(...waiting) };
  }

  /** The operations that can be claimed, now or later, in the order of claims. */
  protected claimable(wanted: ReadonlyMap<string, number>): readonly Expected[] {
    return [...this.kept.values()]
      .filter((each) => each.state === "PENDING" && !each.blocked && wanted.has(each.method))
      .filter((each) => each.deadlineTime === null || each.deadlineTime > this.now)
      .toSorted(byTurn);
  }

  /** An attempt begins. */
  run(each: Expected, { worker, leaseMs }: { worker: string; leaseMs: number }): void {
    each.state = "RUNNING";
    each.attempt += 1;
    each.revision += 1;
    each.startTime ??= this.now;
    each.attemptTime = this.now;
    each.leaseTime = this.now + leaseMs;
    each.worker = worker;
  }

  /** The operation of an attempt, if the attempt is the current one. */
  holder(id: string, attempt: number): Expected | undefined {
    const found = this.kept.get(id);
    return found?.state === "RUNNING" && found.attempt === attempt ? found : undefined;
  }

  /** A lease is renewed only while it is valid. A report is a renewal that callers see. */
  renew(id: string, attempt: number, leaseMs: number, metadata: string | null): Expected | undefined {
    const found = this.holder(id, attempt);
    if (found === undefined || found.leaseTime === null || found.leaseTime <= this.now) return undefined;
    found.leaseTime = Math.max(found.leaseTime, this.now + leaseMs);
    if (metadata !== null) {
      found.metadata = metadata;
      found.revision += 1;
    }
    return found;
  }

  complete(each: Expected, response: string): void {
    this.#end(each, "SUCCEEDED");
    each.response = response;
  }

  fail(each: Expected, failure: ExpectedFailure): void {
    const final = failure.onPurpose && failure.retryTime === null;
    each.failedAttempts += 1;
    const isCancelled = failure.status === "CANCELLED" || (each.cancelTime !== null && !final);
    const isLate = failure.code === "DEADLINE_PASSED";
    this.#note(each, isCancelled ? "cancelled" : isLate ? "deadline" : "failed", failure.status);
    if (each.cancelTime !== null && !final) this.#cancelled(each);
    else if (failure.retryTime === null || each.failedAttempts >= each.attemptsMax) {
      this.#end(each, failure.code === "CANCELLED" ? "CANCELLED" : "FAILED");
      each.error = failure.code;
    } else this.#again(each, failure.retryTime);
  }

  release(each: Expected): void {
    this.#note(each, each.cancelTime === null ? "released" : "cancelled", null);
    if (each.cancelTime === null) this.#again(each, this.now);
    else this.#cancelled(each);
  }

  /** @returns whether the call changed anything */
  cancel(each: Expected): boolean {
    if (each.endTime !== null || (each.state === "RUNNING" && each.cancelTime !== null)) return false;
    each.cancelTime = this.now;
    if (each.state === "PENDING") this.#cancelled(each);
    else each.revision += 1;
    return true;
  }

  remove(id: string): void {
    const found = this.kept.get(id);
    if (found === undefined) return;
    this.gone.set(id, found);
    this.kept.delete(id);
    if (found.endTime === null) this.#leave(found);
  }

  /** @returns how many operations the round changed or removed */
  sweep(retryMs: (failedAttempts: number) => number): number {
    let changes = 0;
    for (const each of this.kept.values()) {
      if (each.endTime !== null) continue;
      const late = each.deadlineTime !== null && each.deadlineTime <= this.now;
      const lost = each.state === "RUNNING" && each.leaseTime !== null && each.leaseTime <= this.now;
      if (late) this.passDeadline(each);
      else if (lost) this.lose(each, retryMs(each.failedAttempts + 1));
      if (late || lost) changes += 1;
    }
    for (const each of this.kept.values()) {
      if (each.expireTime === null || each.expireTime > this.now) continue;
      this.remove(each.id);
      changes += 1;
    }
    return changes;
  }

  /**
   * The possible reasons of a refusal of an id that has no record, or belongs to another parent.
   */
  refusals(id: string): readonly string[] {
    const grave = this.gone.get(id) ?? this.kept.get(id);
    if (grave === undefined) return ["OPERATION_NOT_FOUND"];
    const age = this.now - grave.createTime;
    if (age >= grave.timeToLiveMs) return ["OPERATION_EXPIRED"];
    // Ids contain their time to live, rounded down by up to 8 %.
    return age < grave.timeToLiveMs * 0.92 - 2
      ? ["OPERATION_NOT_FOUND"]
      : ["OPERATION_NOT_FOUND", "OPERATION_EXPIRED"];
  }

  /** The sweep finds that the deadline has passed. */
  passDeadline(each: Expected): void {
    if (each.state === "RUNNING") this.#note(each, "deadline", "DEADLINE_EXCEEDED");
    this.#failed(each, "DEADLINE_PASSED");
  }

  lose(each: Expected, delayMs: number): void {
    if (isUnconfirmed(each)) {
      this.#note(each, each.cancelTime === null ? "unconfirmed" : "cancelled", null);
      if (each.cancelTime === null) this.#again(each, this.now);
      else this.#cancelled(each);
      return;
    }
    this.#note(each, "worker-lost", "INTERNAL");
    each.failedAttempts += 1;
    if (each.cancelTime !== null) this.#cancelled(each);
    else if (each.failedAttempts >= each.attemptsMax) this.#failed(each, "WORKER_LOST");
    else this.#again(each, this.now + delayMs);
  }

  /** An attempt without success is stored with its outcome. */
  #note(each: Expected, how: string, status: string | null): void {
    const { attempt, worker, attemptTime } = each;
    const kept = each.attempts === "" ? [] : each.attempts.split("\n");
    each.attempts = [...kept, [attempt, worker, attemptTime, this.now, how, status].join(" ")]
      .slice(-16)
      .join("\n");
  }

  #again(each: Expected, availableTime: number): void {
    each.lastWorker = each.worker;
    each.state = "PENDING";
    each.revision += 1;
    each.availableTime = availableTime;
    each.leaseTime = null;
    each.worker = null;
  }

  #cancelled(each: Expected): void {
    this.#end(each, "CANCELLED");
    each.error = "OPERATION_CANCELLED";
  }

  #failed(each: Expected, reason: string): void {
    this.#end(each, "FAILED");
    each.error = reason;
  }

  #end(each: Expected, state: Expected["state"]): void {
    each.state = state;
    each.revision += 1;
    each.endTime = this.now;
    each.expireTime = this.now + each.timeToLiveMs;
    each.leaseTime = null;
    each.lastWorker = each.worker ?? each.lastWorker;
    each.worker = null;
    this.#leave(each);
  }
}

/**
 * A worker without the store that never renewed its short first lease. At most three such attempts
 * do not count.
 */
function isUnconfirmed({ worker, leaseTime, attemptTime, attempts }: Expected): boolean {
  if (worker?.startsWith("remote:") !== true) return false;
  if ((leaseTime ?? 0) - (attemptTime ?? 0) > 11_000) return false;
  return attempts.split("\n").filter((line) => line.includes(" unconfirmed ")).length < 3;
}

/** The highest priority first, then the oldest availability, then the older operation. */
export function byTurn(a: Expected, b: Expected): number {
  return b.priority - a.priority || a.availableTime - b.availableTime || (a.id < b.id ? -1 : 1);
}
