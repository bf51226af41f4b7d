import type { Clock } from "../../core/clock.ts";
import { shardOf } from "../../core/id.ts";
import { invariant } from "../../core/invariant.ts";
import type { Random } from "../../core/random.ts";
import type {
  AnswerTo,
  Change,
  ClaimAnswer,
  ClaimCommand,
  Command,
  PurgeAnswer,
  PurgeCommand,
  RemoveAnswer,
  RemoveCommand,
  RenewCommand,
  ReplaceCommand,
} from "../../core/store.ts";
import { changeOf } from "../cells.ts";
import { columnsOf, keysOf } from "./array.ts";
import { ClaimStarts } from "./claim-starts.ts";
import { claim } from "./claims.ts";
import type { Database, Query } from "./database.ts";
import { type Answered, insertAll, insertNew, insertWithPlaces, type Telling } from "./inserts.ts";
import { type Key, lock, passOn } from "./places.ts";
import { renewAll } from "./renewals.ts";
import { replaceAll, replaceWithPlaces } from "./replaces.ts";
import { retrying } from "./retry.ts";
import { freesPlace, type Placed, roundsOf } from "./rounds.ts";
import { toChange } from "./row.ts";
import * as sql from "./statements.ts";

/** What a writer is made with. */
export interface WriterParts {
  readonly database: Database;
  readonly random: Random;
  /** The instant that statements judge by; null for the database's own. */
  readonly now: () => number | null;
  /** Single-shard statements, no locks but those of writes. For databases that are not quite PostgreSQL. */
  readonly plainSql: boolean;
  /** The store's clock, and the process's. */
  readonly time: () => number;
  readonly clock: Clock;
  /** Absent where nobody listens. */
  readonly telling?: Telling | undefined;
}

/**
 * Carries out batches of commands, all of one verb in one statement and one commit.
 *
 * A batch is no transaction: each statement is one of its own, and those of a round go out together over several
 * connections, where the database makes one fsync of their commits. Where a limit on parallel operations is at stake,
 * statements are joined to a transaction (places.ts).
 *
 * A commit whose outcome is not known is tried again by what identifies it: an insert by its id and request id, a
 * replacement by the whole record that it wrote, a removal by the absence of the record, a renewal by its attempt. Claims are
 * not found again: what was claimed without our knowing is run when its lease has passed.
 */
export class Writer {
  readonly #parts: WriterParts;
  readonly #starts: ClaimStarts;
  /** Statements and transactions that are under way. */
  #underWay = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#starts = new ClaimStarts(parts);
  }

  /** Takes notice of changes, by whichever process. */
  hear(changes: readonly Change[]): void {
    this.#starts.hear(changes);
  }

  /**
   * @param tell is told of each command's changes, in the order of the commands, also when other commands then fail;
   *   `untold` are those that other processes do not hear of by themselves
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE
   */
  async write(
    commands: readonly Command[],
    tell: (changes: readonly Change[], untold: readonly Change[]) => void,
  ): Promise<readonly AnswerTo<Command>[]> {
    const answered: (Answered<AnswerTo<Command>> | undefined)[] = commands.map(() => undefined);
    try {
      for (const round of roundsOf(commands)) await this.#round(round, answered);
    } finally {
      const some = answered.filter((each) => each !== undefined);
      const untold = some.filter((each) => each.told !== true).flatMap(({ changes }) => changes);
      tell(
        some.flatMap(({ changes }) => changes),
        untold,
      );
    }
    return answered.map((each) => {
      invariant(each !== undefined, "every command of a batch is answered");
      return each.answer;
    });
  }

  async #round(
    round: readonly Placed[],
    answered: (Answered<AnswerTo<Command>> | undefined)[],
  ): Promise<void> {
    const groups = Object.values(Object.groupBy(round, (each) => this.#groupOf(each.command)));
    const outcomes = await Promise.allSettled(
      groups.map(async (group = []) => {
        const answers = await retrying(this.#parts.random, (isRepeated) =>
          this.#counted(() =>
            this.#carryOut(
              group.map(({ command }) => command),
              isRepeated,
            ),
          ),
        );
        for (const [index, each] of group.entries()) answered[each.index] = answers[index];
      }),
    );
    for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  }

  async #counted<Result>(work: () => Promise<Result>): Promise<Result> {
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
    }
  }

  /**
   * Who notifies in a transaction waits for all others that do, until their commits are durable. Where there is one thing to
   * write that takes no time, and spares a statement and its way; where there is much, commits go on together, and are told of
   * by themselves.
   */
  #tellingOf(commands: readonly Command[]): Telling | undefined {
    return commands.length === 1 && this.#underWay === 1 ? this.#parts.telling : undefined;
  }

  /** Commands of one group are one statement, or one transaction. */
  #groupOf(command: Command): string {
    const { verb } = command;
    const hasPlace =
      verb === "insert"
        ? command.parallel !== undefined
        : verb === "remove" || (verb === "replace" && freesPlace(command.next));
    if (hasPlace) return `${verb} with places`;
    if (isNew(command) && !this.#parts.plainSql) return "insert new";
    return this.#parts.plainSql ? `${verb} ${shardOfCommand(command)}` : verb;
  }

  #carryOut(
    commands: readonly Command[],
    isRepeated: boolean,
  ): Promise<readonly Answered<AnswerTo<Command>>[]> {
    const { database } = this.#parts;
    const query: Query = (text, parameters) => database.query(text, parameters);
    const [first] = commands;
    switch (first?.verb) {
      case undefined:
        return Promise.resolve([]);
      case "insert": {
        const inserts = commands as readonly (typeof first)[];
        if (isNew(first) && !isRepeated && !this.#parts.plainSql)
          return insertNew(query, inserts, this.#tellingOf(inserts));
        if (first.parallel === undefined) return insertAll(query, inserts, isRepeated);
        return database.transaction((inside) => insertWithPlaces(inside, inserts, isRepeated));
      }
      case "replace": {
        const replaces = commands as readonly ReplaceCommand[];
        if (!freesPlace(first.next))
          return replaceAll(query, replaces, { isRepeated, telling: this.#tellingOf(replaces) });
        return database.transaction((inside) => replaceWithPlaces(inside, replaces, isRepeated));
      }
      case "renew":
        return renewAll(query, commands as readonly RenewCommand[], this.#parts.now());
      case "remove":
        return database.transaction((inside) =>
          this.#remove(inside, commands as readonly RemoveCommand[], isRepeated),
        );
      case "claim":
        return this.#claim(first);
      case "purge":
        return this.#purge(first);
    }
  }

  async #claim(command: ClaimCommand): Promise<readonly Answered<ClaimAnswer>[]> {
    const { database, now, plainSql, random } = this.#parts;
    const answer = await claim(database, command, { now: now(), plainSql, random, starts: this.#starts });
    return [{ answer, changes: answer.operations.map(changeOf) }];
  }

  /** The place of what was removed unfinished is passed on. */
  async #remove(
    query: Query,
    commands: readonly RemoveCommand[],
    isRepeated: boolean,
  ): Promise<readonly Answered<RemoveAnswer>[]> {
    const rows = await query(
      sql.REMOVE,
      columnsOf(commands.map(({ id, parent }) => [shardOf(id), id, parent])),
    );
    const removed = new Map(rows.map((row) => [String(row[0]), row]));
    const freed = rows.flatMap(([, method, , , , key, isFree]): Key[] =>
      typeof key !== "string" || isFree === true ? [] : [{ method: String(method), key }],
    );
    if (freed.length > 0) await lock(query, freed);
    const unblocked = await passOn(query, freed);
    const others = commands.map(({ id }) => id).filter((id) => !removed.has(id));
    const kept = isRepeated && others.length > 0 ? await query(sql.READ, keysOf(others)) : [];
    const keptIds = new Set(kept.map(([id]) => id));
    return commands.map(({ id }, index) => {
      const row = removed.get(id);
      const changes = row === undefined ? [] : [toChange(row, true)];
      return {
        answer: { removed: row !== undefined || (isRepeated && !keptIds.has(id)) },
        changes: index === commands.length - 1 ? [...changes, ...unblocked] : changes,
      };
    });
  }

  async #purge({ limit }: PurgeCommand): Promise<readonly Answered<PurgeAnswer>[]> {
    const { database, now, plainSql, random, clock } = this.#parts;
    const startedAt = clock.monotonic();
    const at = now();
    const expired = limit <= 0 ? [] : await database.query(sql.EXPIRED, [at, limit]);
    const ids = expired.map(([id]) => String(id));
    if (ids.length === 0) return [{ answer: { ids }, changes: [] }];
    const groups = plainSql ? Object.values(Object.groupBy(ids, shardOf)) : [ids];
    const rows = await Promise.all(
      groups.map((group = []) => retrying(random, () => database.query(sql.PURGE, [at, ...keysOf(group)]))),
    );
    const changes = new Map(rows.flat().map((row) => [String(row[0]), toChange(row, true)]));
    const purged = ids.filter((id) => changes.has(id));
    const workMs = clock.monotonic() - startedAt;
    return [{ answer: { ids: purged, workMs }, changes: purged.flatMap((id) => changes.get(id) ?? []) }];
  }
}

/** Whether an insert can meet no record that there is. */
function isNew(command: Command): boolean {
  return command.verb === "insert" && command.parallel === undefined && command.operation.requestId === null;
}

function shardOfCommand(command: Command): number | string {
  switch (command.verb) {
    case "insert":
      return shardOf(command.operation.id);
    case "replace":
      return shardOf(command.next.id);
    case "renew":
    case "remove":
      return shardOf(command.id);
    default:
      return "";
  }
}
