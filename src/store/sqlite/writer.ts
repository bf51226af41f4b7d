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
} from "../../core/ports/store.ts";
import { type Clock, systemClock } from "../../core/ports/clock.ts";
import { invariant } from "../../core/invariant.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import { HANDED_OVER, OUTLIVING_WORKERS } from "../../core/operation/remote-worker.ts";
import { Claims } from "./claims.ts";
import { ClaimsWithin } from "./claims-within.ts";
import { type Fault, faultError, faultOf } from "./fault.ts";
import type { CommandOutcome, WriteReport } from "./messages.ts";
import { type ChangeRow, changeOf, toChange } from "../cells.ts";
import { type OperationRow, toChangingColumns, toOperation, toRow } from "./row.ts";
import { prepareForRows, rowOf, rowsOf } from "./connection.ts";
import { type Key, keyOf, Places } from "./places.ts";
import * as sql from "./statements.ts";
import * as claiming from "./statements-claim.ts";
import * as session from "./statements-session.ts";

/**
 * Carries out commands on the connection that writes: synchronously, and independent of threads.
 *
 * Commands that arrive together share one transaction and one fsync. A transaction that changes no
 * page causes no fsync, because SQLite then writes nothing: a claim or purge that finds nothing
 * costs as little as a read.
 */
export class Writer {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #statements: Statements;
  readonly #claims: Claims;
  #claimsWithin: ClaimsWithin | undefined;
  readonly #places: Places;
  #now = 0;
  #changes: Change[] = [];

  constructor(database: DatabaseSync, clock: Clock = systemClock) {
    this.#database = database;
    this.#clock = clock;
    this.#statements = prepareAll(database);
    this.#claims = new Claims(database);
    this.#places = new Places(database);
  }

  /**
   * Carries out a batch in one transaction. If a command fails, the transaction is rolled back and
   * repeated with a savepoint for each command, so that all other commands are committed. If the
   * machine fails, all commands fail.
   *
   * @param now the store's time when the batch was sent; the writer's time never goes back
   */
  run(commands: readonly Command[], now: number): WriteReport {
    this.#now = Math.max(this.#now, now);
    const together = this.#transaction(commands, (command) => ({ answer: this.#carryOut(command) }));
    if (!("fault" in together)) return together;
    const { fault } = together;
    if (fault.kind === "bug" && commands.length > 1) {
      const apart = this.#transaction(commands, (command) => this.#carryOutApart(command));
      if (!("fault" in apart)) return apart;
      return { outcomes: commands.map(() => apart), changes: [] };
    }
    return { outcomes: commands.map(() => together), changes: [] };
  }

  #transaction(
    commands: readonly Command[],
    carryOut: (command: Command) => CommandOutcome,
  ): WriteReport | { readonly fault: Fault } {
    this.#changes = [];
    try {
      this.#statements.begin.run();
      const outcomes = commands.map(carryOut);
      this.#statements.commit.run();
      return { outcomes, changes: this.#changes };
    } catch (error) {
      // After some failures, such as a full disk, SQLite has already rolled back.
      if (this.#database.isTransaction) this.#database.exec(session.ROLLBACK);
      return { fault: faultOf(error) };
    }
  }

  /**
   * @throws if the cause is the machine and not the command, or if SQLite has already rolled the
   * transaction back
   */
  #carryOutApart(command: Command): CommandOutcome {
    const changeCount = this.#changes.length;
    this.#database.exec(session.SAVEPOINT);
    try {
      const answer = this.#carryOut(command);
      this.#database.exec(session.RELEASE);
      return { answer };
    } catch (error) {
      const fault = faultOf(error);
      if (fault.kind !== "bug" || !this.#database.isTransaction) throw error;
      this.#database.exec(session.ROLLBACK_TO);
      this.#changes.length = changeCount;
      return { fault };
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
    const key = keyOf(operation);
    if (key === undefined || parallel === undefined) return this.#store(operation);
    const blocked = !this.#places.isFree(key, parallel);
    if (blocked && parallel.when === "reject") {
      const existing = this.#findByRequest(operation);
      return existing === undefined ? { inserted: false, occupied: true } : { inserted: false, existing };
    }
    const answer = this.#store({ ...operation, blocked });
    if (!answer.inserted || !blocked) return answer;
    const unblocked = this.#places.unblockWhileFree(key, parallel);
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

  #replace({ next, expectedRevision, expectedLeaseTime, along = [] }: ReplaceCommand): ReplaceAnswer {
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
    if (isDone(next) && !next.blocked) this.#unblockNext(keyOf(next));
    for (const each of along) this.#store(each);
    return { replaced: true };
  }

  #renew({ id, attempt, leaseMs, metadata, isHandedOver = false }: RenewCommand): RenewAnswer {
    const { renew, report, handOver } = this.#statements;
    const asked = this.#now + leaseMs;
    if (isHandedOver) handOver.run(HANDED_OVER, id, attempt, this.#now, OUTLIVING_WORKERS);
    const row =
      metadata === null
        ? rowOf(renew, asked, id, attempt, this.#now)
        : rowOf(report, asked, metadata.type, metadata.json, id, attempt, this.#now);
    if (row === undefined) return { held: false };
    const [, , , , cancelTime, , leaseTime, revision] = row as RenewedRow;
    if (metadata !== null || isHandedOver)
      this.#changes.push(toChange((row as RenewedRow).slice(0, 6) as unknown as ChangeRow, false));
    return { held: true, leaseTime, revision, cancelRequested: cancelTime !== null };
  }

  #claim(command: ClaimCommand): ClaimAnswer {
    const { worker, leaseMs, limit, wanted } = command;
    const { ids, nextTime } =
      command.within === undefined
        ? this.#claims.choose(wanted, limit, this.#now)
        : (this.#claimsWithin ??= new ClaimsWithin(this.#database)).choose(command, this.#now);
    const operations = ids.map((id) => {
      const row = rowOf(this.#statements.claim, this.#now, this.#now, this.#now + leaseMs, worker, id);
      invariant(row !== undefined, "what was found claimable in a transaction is claimable in it");
      return toOperation(row as OperationRow);
    });
    this.#claims.learn(operations);
    for (const operation of operations) this.#changes.push(changeOf(operation));
    return { operations, nextTime };
  }

  #remove({ id, parent, along = [] }: RemoveCommand): RemoveAnswer {
    const row = rowOf(this.#statements.remove, id, parent) as RemovedRow | undefined;
    if (row === undefined) return { removed: false };
    const [, method, , , , , parallelKey, blocked, endTime] = row;
    this.#changes.push(toChange(row.slice(0, 6) as unknown as ChangeRow, true));
    if (endTime === null && blocked === 0) this.#unblockNext(keyOf({ method, parallelKey }));
    for (const each of along) this.#store(each);
    return { removed: true };
  }

  /** Gives a freed place to the next operation that waits for it. */
  #unblockNext(key: Key | undefined): void {
    const row = key === undefined ? undefined : this.#places.unblockNext(key);
    if (row !== undefined) this.#changes.push(toChange(row, false));
  }

  /**
   * A record that cannot be removed, because of a foreign trigger or foreign key, does not prevent
   * the removal of others.
   */
  #purge({ limit, except = [] }: PurgeCommand): PurgeAnswer {
    const startedAt = this.#clock.monotonic();
    const asked = [this.#now, JSON.stringify(except), Math.max(0, limit)] as const;
    const expired = rowsOf(this.#statements.expired, ...asked) as readonly ExpiredRow[];
    if (expired.length === 0) return { ids: [] };
    const ids: string[] = [];
    const failed: { readonly id: string; readonly error: Error }[] = [];
    for (const [id, parent] of expired) {
      try {
        this.#remove({ verb: "remove", id, parent });
        ids.push(id);
      } catch (error) {
        const fault = faultOf(error);
        if (fault.kind !== "bug" || !this.#database.isTransaction) throw error;
        failed.push({ id, error: faultError(fault) });
      }
    }
    const workMs = this.#clock.monotonic() - startedAt;
    return failed.length === 0 ? { ids, workMs } : { ids, failed, workMs };
  }
}

type RenewedRow = readonly [...ChangeRow, leaseTime: number, revision: number];
type ExpiredRow = readonly [id: string, parent: string];
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
    begin: prepare(session.BEGIN),
    commit: prepare(session.COMMIT),
    insert: prepare(sql.INSERT),
    findByRequest: prepare(sql.FIND_BY_REQUEST),
    replace: prepare(sql.REPLACE),
    renew: prepare(sql.RENEW),
    report: prepare(sql.REPORT),
    handOver: prepare(sql.HAND_OVER),
    claim: prepare(claiming.CLAIM),
    remove: prepare(sql.REMOVE),
    expired: prepare(sql.EXPIRED),
  };
}
