import { isDone, type Operation } from "../../src/core/operation/operation.ts";
import { parseName } from "../../src/core/operation/name.ts";
import { expectedOf } from "../conformance/model/record.ts";
import type { Course } from "./course.ts";
import type { ListPage } from "../../src/engine/listing/list.ts";
import { type Answered, reasonOf, type Refused, type Seen } from "./callers.ts";
import type { CallerPlan, Plan } from "./plan.ts";
import type { Shadow } from "./shadow.ts";
import type { World } from "./world.ts";

/** Reasons of calls that may be repeated. */
const AGAIN = new Set(["STORE_UNAVAILABLE", "STORE_LOCKED", "SHUTTING_DOWN", "CONTENTION"]);
const GONE = new Set(["OPERATION_NOT_FOUND", "OPERATION_EXPIRED"]);
/** Callers of one history that share a request id with others. */
const SHARED_ID = "r0";
/** A waiting caller may be released this much early. */
const EARLY_MS = 10;

/** Checks every answer to a caller: whether it is correct, and whether it came in time. */
export class Answers {
  /** Operations whose start was acknowledged, and the instant. */
  readonly acknowledged = new Map<string, number>();
  readonly #plan: Plan;
  readonly #world: World;
  readonly #course: Course;
  readonly #shadow: Shadow;
  /** The instants at which operations ended, and at which their records were removed. */
  readonly #endedAt = new Map<string, number>();
  readonly #removedAt = new Map<string, number>();
  /** By request id. */
  readonly #idOf = new Map<string, string>();
  /** The instant from which no fault strikes. */
  calmFrom = Number.POSITIVE_INFINITY;

  constructor(parts: {
    readonly plan: Plan;
    readonly world: World;
    readonly course: Course;
    readonly shadow: Shadow;
  }) {
    this.#plan = parts.plan;
    this.#world = parts.world;
    this.#course = parts.course;
    this.#shadow = parts.shadow;
  }

  /** Records that an operation ends now. */
  ended(id: string): void {
    this.#endedAt.set(id, this.#world.now);
  }

  /** Records that an operation's record is removed now. */
  removed(id: string): void {
    this.#removedAt.set(id, this.#world.now);
  }

  /**
   * Records that an operation is claimed. Without faults, and with room for all existing
   * operations, it must be claimed soon after it becomes available.
   *
   * @param waitedMs since it was available
   */
  claimed(id: string, waitedMs: number): void {
    const { weather, setting, callers } = this.#plan;
    if (weather !== "calm" || setting.concurrency < 2 * callers.length) return;
    const lookMs = setting.tells ? 0 : 2 * LOOK_MS;
    if (waitedMs > CLAIMED_MS + SOON_TRIPS * setting.latencyMs + lookMs)
      this.#course.fail(`${id} is claimed ${waitedMs} ms after it could be`);
  }

  started(plan: CallerPlan, seen: Seen<Operation>, askedAt: number): "done" | "again" | "refused" {
    const { index, requestId } = plan;
    if (seen !== "lost" && seen.answer !== undefined) {
      this.#checkStarted(plan, seen.answer, askedAt);
      return "done";
    }
    const reason = seen === "lost" ? "lost" : reasonOf(seen.error);
    this.#course.tell(`caller ${index}: start ${reason ?? "BUG"}`);
    if (reason === undefined) {
      if (!plan.isPoison) this.#unexpected(`start of caller ${index}`, seen);
      return "refused";
    }
    if (reason === "lost" || AGAIN.has(reason)) {
      // Before the process has begun, it takes no calls.
      if (reason !== "lost") this.#checkCalm(`the start of caller ${index} fails with ${reason}`, plan);
      return requestId === null ? "refused" : "again";
    }
    const isExpected =
      (reason === "REQUEST_ID_INVALID" && requestId?.includes("\0") === true) ||
      (reason === "REQUEST_ID_REUSED" && requestId === SHARED_ID) ||
      (reason === "PARALLEL_LIMIT_REACHED" && plan.method === "single");
    if (!isExpected) this.#unexpected(`start of caller ${index}`, seen);
    return "refused";
  }

  got(verb: string, name: string, seen: Seen<Operation>, askedAt: number): "gone" | "seen" | "again" {
    const id = idOf(name);
    if (seen === "lost") return "again";
    if (seen.answer !== undefined) {
      this.#observe(verb, seen.answer, askedAt);
      return "seen";
    }
    return this.#refused(verb, id, seen);
  }

  waited(
    name: string,
    seen: Seen<Operation>,
    { askedAt, timeoutMs }: { readonly askedAt: number; readonly timeoutMs: number },
  ): "gone" | "seen" | "again" {
    const id = idOf(name);
    const { now } = this.#world;
    if (seen !== "lost" && seen.answer !== undefined && !isDone(seen.answer)) {
      if (now < askedAt + timeoutMs - EARLY_MS && !seen.isStopping)
        this.#course.fail(`a waiter for ${id} is let go too early`);
    }
    const verdict = this.got("wait", name, seen, askedAt);
    if (seen !== "lost") this.#checkPrompt(id, askedAt);
    return verdict;
  }

  /** Records whether a page of a list came, for calls that may fail. */
  isPage(seen: Seen<ListPage>): seen is Answered<ListPage> {
    if (seen === "lost") return false;
    if (seen.error === undefined) return true;
    const reason = reasonOf(seen.error);
    if (reason === undefined || !AGAIN.has(reason)) this.#unexpected("list", seen);
    return false;
  }

  /**
   * Checks all pages of a list: every operation that existed throughout appears once, the newest
   * first.
   */
  listed(operations: readonly Operation[], askedAt: number): void {
    const ids = operations.map(({ id }) => id);
    this.#course.tell(`list shows ${ids.map((id) => this.#course.labelOf(id)).join(" ")}`);
    if (ids.join() !== [...new Set(ids)].toSorted().toReversed().join())
      this.#course.fail("a list is not in its order");
    for (const [id, at] of this.acknowledged)
      if (at < askedAt && !this.#removedAt.has(id) && !ids.includes(id))
        this.#course.fail(`a list does not show ${id}`);
    for (const operation of operations) this.#observe("list", operation, askedAt);
  }

  /** Processes stop regularly: waiters are released. */
  isStopping = false;

  changed(verb: "cancel" | "delete", name: string, seen: Seen<void>, askedAt: number): "done" | "again" {
    const id = idOf(name);
    const isDoneBefore = this.#isBefore(this.#endedAt, id, askedAt);
    if (seen === "lost") return "again";
    if (seen.error === undefined) {
      this.#course.tell(`${verb} ${this.#course.labelOf(id)} done`);
      if (verb === "delete" && this.#shadow.oracle.kept.has(id))
        this.#course.fail(`a deleted record is there: ${id}`);
      const kept = this.#shadow.oracle.kept.get(id);
      if (verb === "cancel" && !isDoneBefore && kept?.endTime === null && kept.cancelTime === null)
        this.#course.fail(`a cancellation was acknowledged and is not there: ${id}`);
      return "done";
    }
    return this.#refused(verb, id, seen) === "again" ? "again" : "done";
  }

  #checkStarted(plan: CallerPlan, operation: Operation, askedAt: number): void {
    const { id } = operation;
    const { kept, gone } = this.#shadow.oracle;
    this.#course.tell(`caller ${plan.index}: start ${this.#course.labelOf(id)}`);
    if (!kept.has(id) && !gone.has(id))
      this.#course.fail(`a start was acknowledged that is not stored: ${id}`);
    if (!this.acknowledged.has(id)) this.acknowledged.set(id, this.#world.now);
    if (plan.requestId !== null) {
      const key = `${plan.method} ${plan.requestId}`;
      const before = this.#idOf.get(key);
      if (before !== undefined && before !== id && kept.has(before))
        this.#course.fail(`one request id gives two operations: ${before} and ${id}`);
      this.#idOf.set(key, id);
    }
    this.#observe("start", operation, askedAt);
    this.#checkCalm(`the start of caller ${plan.index} took ${this.#world.now - askedAt} ms`, plan, askedAt);
  }

  /** A caller must see the current state, or a state that held during the call. */
  #observe(verb: string, operation: Operation, askedAt: number): void {
    const { id } = operation;
    const seen = expectedOf(operation);
    if (this.#isBefore(this.#removedAt, id, askedAt))
      this.#course.fail(`${verb} shows ${id}, which was removed before`);
    const ending = this.#shadow.endings.get(id);
    this.#course.tell(`${verb} ${this.#course.labelOf(id)} is ${seen.state} attempt ${seen.attempt}`);
    if (seen.endTime === null) {
      if (this.#isBefore(this.#endedAt, id, askedAt) && verb !== "start")
        this.#course.fail(`${verb} shows ${id} unfinished, which had ended before`);
    } else if (ending === undefined) this.#course.fail(`${verb} shows an end that is none: ${id}`);
    else if (ending.state !== seen.state || ending.response !== seen.response || ending.error !== seen.error)
      this.#course.fail(`${verb} shows another outcome than was stored: ${id}`);
  }

  /**
   * Whether something had happened to an operation before a call was made. Within one instant the
   * order is unknown.
   */
  #isBefore(times: ReadonlyMap<string, number>, id: string, askedAt: number): boolean {
    return (times.get(id) ?? Number.POSITIVE_INFINITY) < askedAt;
  }

  #refused(verb: string, id: string, seen: Refused): "gone" | "again" {
    const reason = reasonOf(seen.error);
    this.#course.tell(`${verb} ${this.#course.labelOf(id)} ${reason ?? "BUG"}`);
    if (reason !== undefined && GONE.has(reason)) {
      if (this.#shadow.oracle.kept.has(id)) this.#course.fail(`${verb} does not find ${id}, which is there`);
      return "gone";
    }
    if (reason === undefined || !AGAIN.has(reason)) this.#unexpected(`${verb} of ${id}`, seen);
    if (this.#plan.weather === "calm" && !this.isStopping)
      this.#course.fail(`${verb} of ${id} fails with ${reason} although nothing is wrong`);
    return "again";
  }

  #unexpected(what: string, seen: Seen<unknown>): void {
    const error = seen === "lost" ? "lost" : seen.error;
    this.#course.fail(`${what} is answered with ${error instanceof Error ? error.message : String(error)}`);
  }

  /** Without faults, or with faults that do not concern this caller, starts are answered soon. */
  #checkCalm(problem: string, { method, key }: CallerPlan, askedAt?: number): void {
    const { weather, setting } = this.#plan;
    if (weather === "mixed" || this.isStopping) return;
    const tookMs = askedAt === undefined ? Number.POSITIVE_INFINITY : this.#world.now - askedAt;
    const needsKey = ["queue", "pair", "single"].includes(method) && key !== "";
    if (weather === "locked" && needsKey) return;
    if (tookMs > SOON_MS + SOON_TRIPS * setting.latencyMs) this.#course.fail(problem);
  }

  /** A lost hint costs one poll, and a hint that arrives costs less. */
  #checkPrompt(id: string, askedAt: number): void {
    const { weather, setting } = this.#plan;
    const endedAt = this.#endedAt.get(id);
    if (endedAt === undefined || this.isStopping) return;
    const lateMs = this.#world.now - Math.max(endedAt, askedAt);
    // Polls take a twentieth of the time, whatever they cost.
    const lookMs = setting.tells ? 0 : 2 * LOOK_MS + 40 * setting.latencyMs;
    if (weather === "calm" && lateMs > SOON_MS + SOON_TRIPS * setting.latencyMs + lookMs)
      this.#course.fail(`a waiter for ${id} is answered ${lateMs} ms after its end`);
    const since = this.#world.now - Math.max(endedAt, askedAt, this.calmFrom);
    if (since > LATE_MS) this.#course.fail(`a waiter for ${id} is answered ${since} ms after its end`);
  }
}

/** An answer without obstacles comes within this time, plus some round trips to the database. */
const SOON_MS = 60;
const SOON_TRIPS = 10;
const LOOK_MS = 200;
/** Timers of workers are set by estimates of the database's time. */
const CLAIMED_MS = 250;
/** One poll of the waiters, after the longest pause, and the calls in progress before it. */
const LATE_MS = 9_000;

function idOf(name: string): string {
  return parseName(name)?.id ?? name;
}
