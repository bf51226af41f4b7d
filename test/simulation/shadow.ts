import type { Operation } from "../../src/core/operation/operation.ts";
import type {
  AnswerTo,
  ClaimAnswer,
  ClaimCommand,
  Command,
  DueQuery,
  InsertAnswer,
  InsertCommand,
  PurgeCommand,
  RemoveCommand,
  RenewAnswer,
  RenewCommand,
  ReplaceCommand,
} from "../../src/core/ports/store.ts";
import type { Course } from "./course.ts";
import type { Expected } from "../conformance/model/expected.ts";
import { Oracle } from "../conformance/model/oracle.ts";
import { expectedOf } from "../conformance/model/record.ts";
import { applyChange } from "./shadow-change.ts";

/** How an operation ended. */
export interface Ending {
  readonly state: Expected["state"];
  readonly response: string | null;
  readonly error: string | null;
}

/**
 * The model beside the database. Every committed command is executed on the oracle, too, in the
 * order of the commits, and both must give the same answer. A replacement contains the engine's
 * decision; the oracle must have a rule that leads to it.
 */
export class Shadow {
  readonly oracle = new Oracle(0);
  /** Of every operation that has ended, including removed ones. */
  readonly endings = new Map<string, Ending>();
  /** Operations that were removed before they had ended. */
  readonly cut = new Set<string>();
  readonly #wasBlocked = new Set<string>();
  readonly #fail: (problem: string) => void;
  readonly #ended: (id: string) => void;
  readonly #removed: (id: string) => void;
  readonly #claimed: (id: string, waitedMs: number) => void;
  readonly #course: Course;

  constructor(parts: {
    /** Called with each problem. */
    readonly fail: (problem: string) => void;
    /** Called for each operation that ends. */
    readonly ended: (id: string) => void;
    /** Called for each record that is removed. */
    readonly removed: (id: string) => void;
    /**
     * Called for each claim of an operation that was never blocked, with the time for which it
     * could have been claimed.
     */
    readonly claimed: (id: string, waitedMs: number) => void;
    readonly course: Course;
  }) {
    this.#fail = parts.fail;
    this.#ended = parts.ended;
    this.#removed = parts.removed;
    this.#claimed = parts.claimed;
    this.#course = parts.course;
  }

  /** Operations that exist and have not ended. */
  get unfinished(): number {
    let count = 0;
    for (const { endTime } of this.oracle.kept.values()) if (endTime === null) count++;
    return count;
  }

  /** Executes a command of a transaction that was committed when the database's clock was `now`. */
  apply(command: Command, answer: AnswerTo<Command>, now: number): void {
    this.oracle.now = now;
    switch (command.verb) {
      case "insert":
        return this.#insert(command, answer as InsertAnswer);
      case "replace":
        return this.#replace(command, (answer as AnswerTo<ReplaceCommand>).replaced, now);
      case "renew":
        return this.#renew(command, answer as RenewAnswer);
      case "claim":
        return this.#claim(command, answer as ClaimAnswer);
      case "remove":
        return this.#remove(command, (answer as AnswerTo<RemoveCommand>).removed);
      case "purge":
        return this.#purge(command, (answer as AnswerTo<PurgeCommand>).ids);
    }
  }

  /** The operations that are due by the model. */
  due(by: DueQuery["by"], now: number): readonly string[] {
    const ids: string[] = [];
    for (const { id, state, leaseTime, deadlineTime, endTime } of this.oracle.kept.values()) {
      const time =
        by === "lease" ? (state === "RUNNING" ? leaseTime : null) : endTime === null ? deadlineTime : null;
      if (time !== null && time <= now) ids.push(id);
    }
    return ids;
  }

  /** Checks that a read finds exactly the operations that are due. */
  checkDue(expected: readonly string[], ids: readonly string[]): void {
    const [due, found] = [expected, ids].map((each) => each.toSorted().join(" "));
    if (due !== found) this.#fail(`a look for what is due finds "${found}", and the model "${due}"`);
  }

  /** Compares every record. @param read reads the database's record */
  compareAll(read: (id: string) => Operation | undefined): void {
    for (const [id, expected] of this.oracle.kept) {
      const record = read(id);
      if (record === undefined) this.#fail(`the record of ${id} is gone`);
      else this.#compare("a record", expectedOf(record), expected);
    }
    for (const id of this.oracle.gone.keys())
      if (read(id) !== undefined) this.#fail(`the record of ${id} is there again`);
  }

  #insert({ operation, parallel }: InsertCommand, answer: InsertAnswer): void {
    const { oracle } = this;
    const { parent, method, requestId, parallelKey, id } = operation;
    const known = oracle.byRequest({ parent, method, parallelKey, requestId: requestId ?? undefined });
    if (!answer.inserted) {
      if (answer.occupied === true) {
        if (known !== undefined) this.#fail(`a start under a known request id finds no place: ${id}`);
        if (parallel !== undefined && oracle.isFree(operation, parallel.limit))
          this.#fail(`a start is refused although a place is free: ${id}`);
      } else if (known?.id !== answer.existing.id)
        this.#fail(`a start finds another operation than its own: ${id}`);
      return;
    }
    if (known !== undefined) this.#fail(`one request id has two operations: ${known.id} and ${id}`);
    if (oracle.kept.has(id)) this.#fail(`two operations have one id: ${id}`);
    const expected = expectedOf(operation);
    this.#course.tell(
      `database: ${this.#course.labelOf(id)} is stored by ${operation.worker ?? "nobody"}, ${method}`,
    );
    oracle.start(expected, parallel?.limit);
    if (answer.blocked) this.#wasBlocked.add(id);
    if (expected.blocked !== answer.blocked)
      this.#fail(`an operation is ${answer.blocked ? "" : "not "}blocked, against the model: ${id}`);
  }

  #replace(command: ReplaceCommand, replaced: boolean, now: number): void {
    const each = this.oracle.kept.get(command.next.id);
    const isCurrent =
      each !== undefined &&
      each.revision === command.expectedRevision &&
      (command.expectedLeaseTime === undefined || each.leaseTime === command.expectedLeaseTime);
    if (replaced !== isCurrent)
      this.#fail(`a replacement is ${replaced ? "taken" : "refused"}, against the model: ${command.next.id}`);
    if (!replaced || each === undefined) return;
    const next = expectedOf(command.next);
    if (each.endTime !== null) {
      this.#fail(`an outcome changes: ${next.id} was ${each.state}, and is ${next.state}`);
      return;
    }
    this.#course.tell(`database: ${this.#course.labelOf(next.id)} becomes ${next.state} ${next.error ?? ""}`);
    const problem = applyChange(this.oracle, each, { next, record: command.next, now });
    if (problem !== undefined) this.#fail(`${problem}: ${next.id}`);
    // A renewal extends the lease without changing the revision, so a replacement leaves the lease
    // as it is.
    this.#compare("a replacement", { ...next, leaseTime: each.leaseTime }, each);
    if (each.endTime !== null) this.#end(each);
  }

  #end({ id, state, response, error }: Expected): void {
    if (this.endings.has(id)) this.#fail(`an operation ends twice: ${id}`);
    this.endings.set(id, { state, response, error });
    this.#ended(id);
  }

  #renew({ id, attempt, leaseMs, metadata }: RenewCommand, answer: RenewAnswer): void {
    const expected = this.oracle.renew(id, attempt, leaseMs, metadata?.json ?? null);
    if (answer.held !== (expected !== undefined))
      this.#fail(
        `a lease is ${answer.held ? "" : "not "}renewed, against the model: ${id} attempt ${attempt}`,
      );
    if (!answer.held || expected === undefined) return;
    if (answer.leaseTime !== expected.leaseTime || answer.revision !== expected.revision)
      this.#fail(`a renewal is answered wrongly: ${id} attempt ${attempt}`);
    if (answer.cancelRequested !== (expected.cancelTime !== null))
      this.#fail(`a renewal is told wrongly of a cancellation: ${id}`);
  }

  #claim({ worker, leaseMs, limit, wanted }: ClaimCommand, answer: ClaimAnswer): void {
    const limits = new Map(wanted.map((each) => [each.method, each.limit]));
    const answered = new Set(answer.operations.map(({ id }) => id));
    const { claimed, nextTime } = this.oracle.claim(limits, limit, { worker, leaseMs }, answered);
    if (nextTime !== answer.nextTime)
      this.#fail(`a claim tells ${answer.nextTime} as the next time, and the model ${nextTime}`);
    if (claimed.length !== answer.operations.length)
      this.#fail(`a claim takes ${answer.operations.length} operations, and the model ${claimed.length}`);
    for (const [index, operation] of answer.operations.entries()) {
      const expected = claimed[index];
      this.#course.tell(
        `database: ${worker} claims ${this.#course.labelOf(operation.id)} attempt ${operation.attempt}`,
      );
      if (expected !== undefined) this.#compare("a claim", expectedOf(operation), expected);
      if (!this.#wasBlocked.has(operation.id))
        this.#claimed(operation.id, this.oracle.now - operation.availableTime);
    }
  }

  #remove({ id, parent }: RemoveCommand, removed: boolean): void {
    const each = this.oracle.kept.get(id);
    const isThere = each?.parent === parent;
    if (removed !== isThere) this.#fail(`a removal is answered with ${removed}, against the model: ${id}`);
    if (each === undefined || !isThere) return;
    this.#course.tell(`database: ${this.#course.labelOf(id)} is removed`);
    if (each.endTime === null) this.cut.add(id);
    this.oracle.remove(id);
    this.#removed(id);
  }

  #purge({ limit, except = [] }: PurgeCommand, ids: readonly string[]): void {
    const { oracle } = this;
    for (const id of ids) {
      const each = oracle.kept.get(id);
      if (each === undefined || each.expireTime === null || each.expireTime > oracle.now)
        this.#fail(`a record is purged before its time: ${id}`);
      oracle.remove(id);
      this.#removed(id);
    }
    if (ids.length >= limit) return;
    for (const { id, expireTime } of oracle.kept.values())
      if (expireTime !== null && expireTime <= oracle.now && !except.includes(id))
        this.#fail(`a purge passes an expired record: ${id}`);
  }

  #compare(what: string, record: Expected, expected: Expected): void {
    for (const field of FIELDS) {
      if (record[field] === expected[field]) continue;
      this.#fail(
        `${what} of ${expected.id} has ${field} ${String(record[field])}, and the model ${String(expected[field])}`,
      );
    }
  }
}

const FIELDS: readonly (keyof Expected)[] = [
  "id",
  "parent",
  "method",
  "requestId",
  "request",
  "attemptsMax",
  "createTime",
  "timeToLiveMs",
  "deadlineTime",
  "priority",
  "parallelKey",
  "caller",
  "blocked",
  "state",
  "revision",
  "attempt",
  "failedAttempts",
  "metadata",
  "response",
  "error",
  "startTime",
  "attemptTime",
  "endTime",
  "expireTime",
  "availableTime",
  "cancelTime",
  "leaseTime",
  "worker",
  "lastWorker",
  "attempts",
];
