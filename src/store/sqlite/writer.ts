import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
  AnswerTo,
  Change,
  ClaimAnswer,
  ClaimCommand,
  Command,
  InsertAnswer,
  InsertCommand,
  PurgeAnswer,
  PurgeCommand,
  RemoveAnswer,
  RemoveCommand,
  RenewAnswer,
  RenewCommand,
  ReplaceAnswer,
  ReplaceCommand,
} from "../../core/store.ts";
import { type Clock, systemClock } from "../../core/clock.ts";
import { invariant } from "../../core/invariant.ts";
import { isDone, type Operation } from "../../core/operation.ts";
import { Claimable } from "./claimable.ts";
import { type Fault, faultOf } from "./fault.ts";
import type { Call, WriteReport } from "./messages.ts";
import { type ChangeRow, changeOf, toChange } from "../cells.ts";
import { type OperationRow, toChangingColumns, toOperation, toRow } from "./row.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import { type Place, placeOf, Places } from "./places.ts";
import * as sql from "./statements.ts";

/**
 * Carries out commands on the connection that writes: synchronous, and ignorant of threads.
 *
 * Calls that came together are one transaction, and one fsync. A transaction that changes no page causes none: SQLite
 * writes nothing at a commit without changed pages, so a claim or a purge that finds nothing is as cheap as a read.
 */
export class Writer {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #statements: Statements;
  readonly #claimable: Claimable;
  readonly #places: Places;
  #now = 0;
  #changes: Change[] = [];

  constructor(database: DatabaseSync, clock: Clock = systemClock) {
    this.#database = database;
    this.#clock = clock;
    this.#statements = prepareAll(database);
    this.#claimable = new Claimable(database);
    this.#places = new Places(database);
  }

  /**
   * Carries out the calls in one transaction. If one of them cannot be, which is a bug of ours, the transaction is rolled
   * back and each call gets its own, so that the one does not take the others down. If the machine fails, all fail.
   *
   * @param now the store's clock when the calls were sent; it is not let go back
   */
  run(calls: readonly Call[], now: number): WriteReport {
    this.#now = Math.max(this.#now, now);
    const { changes, answers, fault } = this.#transaction(calls);
    if (fault === undefined) {
      return {
        outcomes: answers.map((each) => ({ answers: each })),
        commits: changes.length > 0 ? [changes] : [],
      };
    }
    if (fault.kind === "unavailable" || calls.length === 1) {
      return { outcomes: calls.map(() => ({ fault })), commits: [] };
    }
    const reports = calls.map((call) => this.run([call], now));
    return {
      outcomes: reports.flatMap((each) => each.outcomes),
      commits: reports.flatMap((each) => each.commits),
    };
  }

  #transaction(calls: readonly Call[]): Transaction {
    this.#changes = [];
    try {
      this.#statements.begin.run();
      const answers = calls.map((call) => call.map((command) => this.#carryOut(command)));
      this.#statements.commit.run();
      return { answers, changes: this.#changes };
    } catch (error) {
      // After some failures, such as a full disk, SQLite has rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec(sql.ROLLBACK);
      return { answers: [], changes: [], fault: faultOf(error) };
    }
  }

  #carryOut(command: Command): AnswerTo<Command> {
    switch (command.verb) {
      case "insert":
        return this.#insert(command);
      case "replace":
        return this.#replace(command);
      case "renew":
        return this.#renew(command);
      case "claim":
        return this.#claim(command);
      case "remove":
        return this.#remove(command);
      case "purge":
        return this.#purge(command);
    }
  }

  #insert({ operation, parallel }: InsertCommand): InsertAnswer {
    const place = placeOf(operation);
    if (place === undefined || parallel === undefined) return this.#store(operation);
    const blocked = !this.#places.isFree(place, parallel);
    if (blocked && parallel.when === "reject") {
      const existing = this.#findByRequest(operation);
      return existing === undefined ? { inserted: false, occupied: true } : { inserted: false, existing };
    }
    const answer = this.#store({ ...operation, blocked });
    if (!answer.inserted || !blocked) return answer;
    const unblocked = this.#places.passOnWhileFree(place, parallel);
    for (const row of unblocked) this.#changes.push(toChange(row, false));
    return { inserted: true, blocked: !unblocked.some(([id]) => id === operation.id) };
  }

  #store(operation: Operation): InsertAnswer {
    if (this.#statements.insert.run(...toRow(operation)).changes === 1) {
      this.#changes.push(changeOf(operation));
      return { inserted: true, blocked: operation.blocked };
    }
    const existing = this.#findByRequest(operation);
    invariant(existing !== undefined, "an insert that conflicts has a record that it conflicts with");
    return { inserted: false, existing };
  }

  #findByRequest({ parent, method, requestId }: Operation): Operation | undefined {
    if (requestId === null) return undefined;
    const row = rowOf(this.#statements.findByRequest, parent, method, requestId);
    return row === undefined ? undefined : toOperation(row as OperationRow);
  }

  #replace({ next, expectedRevision, expectedLeaseTime }: ReplaceCommand): ReplaceAnswer {
    const expectedLease = expectedLeaseTime ?? null;
    const { changes } = this.#statements.replace.run(
      ...toChangingColumns(next),
      next.leaseTime,
      next.id,
      expectedRevision,
      expectedLease,
      expectedLease,
    );
    if (changes === 0) return { replaced: false };
    this.#changes.push(changeOf(next));
    if (isDone(next) && !next.blocked) this.#passOn(placeOf(next));
    return { replaced: true };
  }

  #renew({ id, attempt, leaseMs, metadata }: RenewCommand): RenewAnswer {
    const { renew, report } = this.#statements;
    const leaseTime = this.#now + leaseMs;
    const row =
      metadata === null
        ? rowOf(renew, leaseTime, id, attempt, this.#now)
        : rowOf(report, leaseTime, metadata.type, metadata.json, id, attempt, this.#now);
    if (row === undefined) return { held: false };
    const [, , , , cancelTime, , revision] = row as RenewedRow;
    if (metadata !== null)
      this.#changes.push(toChange((row as RenewedRow).slice(0, 5) as unknown as ChangeRow, false));
    return { held: true, leaseTime, revision, cancelRequested: cancelTime !== null };
  }

  #claim({ worker, leaseMs, limit, wanted }: ClaimCommand): ClaimAnswer {
    const { ids, nextTime } = this.#claimable.choose(wanted, limit, this.#now);
    const operations = ids.map((id) => {
      const row = rowOf(this.#statements.claim, this.#now, this.#now + leaseMs, worker, id);
      invariant(row !== undefined, "what was found claimable in a transaction is claimable in it");
      return toOperation(row as OperationRow);
    });
    for (const operation of operations) this.#changes.push(changeOf(operation));
    return { operations, nextTime };
  }

  #remove({ id, parent }: RemoveCommand): RemoveAnswer {
    const row = rowOf(this.#statements.remove, id, parent) as RemovedRow | undefined;
    if (row === undefined) return { removed: false };
    const [, method, , , , parallelKey, blocked, endTime] = row;
    this.#changes.push(toChange(row.slice(0, 5) as unknown as ChangeRow, true));
    if (endTime === null && blocked === 0) this.#passOn(placeOf({ method, parallelKey }));
    return { removed: true };
  }

  /** Gives a place that was given up to whoever waits for it. */
  #passOn(place: Place | undefined): void {
    const row = place === undefined ? undefined : this.#places.passOn(place);
    if (row !== undefined) this.#changes.push(toChange(row, false));
  }

  #purge({ limit }: PurgeCommand): PurgeAnswer {
    const startedAt = this.#clock.monotonic();
    const expired = rowsOf(this.#statements.expired, this.#now, Math.max(0, limit)) as readonly (readonly [
      id: string,
      parent: string,
    ])[];
    if (expired.length === 0) return { ids: [] };
    for (const [id, parent] of expired) this.#remove({ verb: "remove", id, parent });
    return { ids: expired.map(([id]) => id), workMs: this.#clock.monotonic() - startedAt };
  }
}

interface Transaction {
  readonly answers: readonly (readonly AnswerTo<Command>[])[];
  readonly changes: readonly Change[];
  readonly fault?: Fault;
}

type RenewedRow = readonly [...ChangeRow, leaseTime: number, revision: number];
type RemovedRow = readonly [
  ...ChangeRow,
  parallelKey: string | null,
  blocked: number,
  endTime: number | null,
];

type Statements = ReturnType<typeof prepareAll>;

function prepareAll(database: DatabaseSync) {
  const prepare = (text: string): StatementSync => prepareForRows(database, text);
  return {
    begin: prepare(sql.BEGIN),
    commit: prepare(sql.COMMIT),
    insert: prepare(sql.INSERT),
    findByRequest: prepare(sql.FIND_BY_REQUEST),
    replace: prepare(sql.REPLACE),
    renew: prepare(sql.RENEW),
    report: prepare(sql.REPORT),
    claim: prepare(sql.CLAIM),
    remove: prepare(sql.REMOVE),
    expired: prepare(sql.EXPIRED),
  };
}
