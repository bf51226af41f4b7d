import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Random } from "../../core/ports/random.ts";
import type {
  AnswerTo,
  Change,
  Command,
  InsertAnswer,
  InsertCommand,
  RemoveAnswer,
  RemoveCommand,
  RenewCommand,
  ReplaceCommand,
} from "../../core/ports/store.ts";
import { Lane, type LaneParts, type LaneRoom } from "../lane.ts";
import { toldBatches } from "../told-batches.ts";
import type { Database, Query } from "./database.ts";
import { faultError, batchVerdictOf } from "./fault.ts";
import { type Answered, insertAll, insertNew, type Telling } from "./inserts.ts";
import { changePlaces, type PlaceCommand } from "./place-commands.ts";
import { keyText } from "./places.ts";
import { bytesOf, type Prepared } from "./prepared.ts";
import { removeAll } from "./removals.ts";
import { renewAll } from "./renewals.ts";
import { replaceAll } from "./replaces.ts";
import { conflictPatience, untilAnswered } from "./retry.ts";
import { ofShard } from "./sharding.ts";

/** The parts of the lanes. */
export interface LanesParts {
  readonly database: Database;
  /** The only shard of the commands, on a distributed database. */
  readonly shard?: number;
  /** The limits shared with lanes of other shards, by the name of the lane. */
  readonly rooms?: Map<string, LaneRoom>;
  readonly random: Random;
  /** The time for statements; null for the database's own. */
  readonly now: () => number | null;
  /** Absent if no process listens. */
  readonly telling?: Telling | undefined;
  /**
   * Called with the changes of each commit before its commands are answered; `untold` are the
   * changes that other processes have not been notified of.
   */
  readonly committed: (changes: readonly Change[], untold: readonly Change[]) => void;
  readonly tell: Tell;
  readonly clock: Clock;
  /** How long batches wait for more (lane.ts). @default 0 */
  readonly gatherMs?: (() => number) | undefined;
}

/** The most place commands in one transaction, which holds its keys until its end. */
const PLACE_COMMANDS_MAX = 50;

/** The answer to a command, from here or from another lane, and its changes. */
type Carried<Answer> = Omit<Answered<Answer>, "answer"> & { readonly answer: Answer | PromiseLike<Answer> };

/** Carries out a batch of one lane. */
type CarryOut<Item, Answer> = (query: Query, items: readonly Item[]) => Promise<readonly Carried<Answer>[]>;

/**
 * The lanes of commands. Commands of a lane that arrive in one turn of the event loop, or while
 * another batch is in progress, share a statement and a commit. Lanes do not wait for each other,
 * so only the commands that need a lock wait for it:
 *
 * | lane | its commands | locks of others that it may have to wait for |
 * | --- | --- | --- |
 * | `insert` | starts | none |
 * | `request` | starts with a request id | a start with the same request id in an open transaction |
 * | `replace`, `renew`, `remove` | changes of a record | the record's |
 * | `places` | starts and ends of operations of a key, and changes along with which others are stored, in a transaction (places.ts) | the key's, the record's |
 *
 * If a batch had to wait for a lock or was refused by the database, each of its commands is tried
 * alone until it is answered or its time is up, while the lane continues (lane.ts).
 */
export class Lanes {
  readonly insert: Lane<Prepared<InsertCommand>, AnswerTo<InsertCommand>>;
  readonly request: Lane<Prepared<InsertCommand>, AnswerTo<InsertCommand>>;
  readonly replace: Lane<Prepared<ReplaceCommand>, AnswerTo<ReplaceCommand>>;
  readonly renew: Lane<Prepared<RenewCommand>, AnswerTo<RenewCommand>>;
  readonly remove: Lane<Prepared<RemoveCommand>, AnswerTo<RemoveCommand>>;
  readonly places: Lane<PlaceCommand, AnswerTo<Command>>;
  readonly #parts: LanesParts;
  /** The number of statements and transactions in progress. */
  #underWay = 0;

  constructor(parts: LanesParts) {
    this.#parts = parts;
    const { database, now } = parts;
    this.insert = this.#lane("insert", (query, inserts) => this.#insertNew(query, inserts));
    this.request = this.#lane("request", insertAll, { keysOf: requestKeys });
    this.replace = this.#lane(
      "replace",
      (query, replaces: readonly Prepared<ReplaceCommand>[]) =>
        replaceAll(query, replaces, this.#tellingOf(replaces)),
      { keysOf: rowKeys },
    );
    this.renew = this.#lane(
      "renew",
      (query, renewals: readonly Prepared<RenewCommand>[]) => renewAll(query, renewals, now()),
      { keysOf: rowKeys },
    );
    this.remove = this.#lane(
      "remove",
      (query, removals: readonly Prepared<RemoveCommand>[]) => this.#remove(query, removals),
      { keysOf: rowKeys },
    );
    this.places = this.#lane(
      "places",
      (_, commands: readonly PlaceCommand[]) =>
        database.transaction((inside) => changePlaces(this.#within(inside), commands)),
      {
        countMax: () => PLACE_COMMANDS_MAX,
        keysOf: (prepared) => [...rowKeys(prepared), ...requestKeys(prepared)],
        locksOf: ({ key }) => (key === null ? [] : [keyText(key)]),
      },
    );
  }

  #lane<Item extends Prepared, Answer>(
    name: string,
    carryOut: CarryOut<Item, Answer>,
    more: Pick<LaneParts<Item, Answer>, "keysOf" | "locksOf" | "countMax"> = {},
  ): Lane<Item, Answer> {
    return new Lane<Item, Answer>({
      carryOut: toldBatches(name, this.#parts, (items: readonly Item[]) =>
        this.#untilAnswered(items, carryOut),
      ),
      inFlightMax: 1,
      gatherMs: this.#parts.gatherMs,
      room: this.#roomOf(name),
      bytesOf,
      batchVerdictOf,
      errorOf: faultError,
      patience: conflictPatience(this.#parts.random),
      ...more,
    });
  }

  /**
   * A batch that lost its connection is retried as a batch. A batch that conflicted with other
   * transactions is not.
   */
  async #untilAnswered<Item extends Prepared, Answer>(
    items: readonly Item[],
    carryOut: CarryOut<Item, Answer>,
  ): Promise<readonly Carried<Answer>[]> {
    const { random, database, committed } = this.#parts;
    const query = this.#within((text, parameters) => database.query(text, parameters));
    const carried = await untilAnswered(
      random,
      (isRepeated) => {
        if (isRepeated) for (const item of items) item.isRepeated = true;
        return this.#counted(() => carryOut(query, items));
      },
      (kind) => kind === "undone",
    );
    committed(
      carried.flatMap(({ changes }) => changes),
      carried.flatMap(({ changes, told }) => (told === true ? [] : changes)),
    );
    return carried;
  }

  #roomOf(name: string): LaneRoom {
    const { rooms } = this.#parts;
    const room = rooms?.get(name) ?? { items: 0, bytes: 0 };
    rooms?.set(name, room);
    return room;
  }

  #within(query: Query): Query {
    const { shard } = this.#parts;
    return shard === undefined ? query : ofShard(query, shard);
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
   * NOTIFY inside a transaction serialises commits. A single command loses nothing by that, and it
   * saves a statement and its round trip. If more is in progress, other processes are notified
   * after the commits. A distributed database always notifies after the commits, because its
   * statements run on servers where no process listens.
   */
  #tellingOf(commands: readonly Prepared[]): Telling | undefined {
    const { shard, telling } = this.#parts;
    return shard === undefined && commands.length === 1 && this.#underWay === 1 ? telling : undefined;
  }

  /** A new id conflicts with no record, unless an earlier attempt has stored it. */
  #insertNew(
    query: Query,
    inserts: readonly Prepared<InsertCommand>[],
  ): Promise<readonly Answered<InsertAnswer>[]> {
    if (query.shard !== undefined || inserts.some(({ isRepeated }) => isRepeated))
      return insertAll(query, inserts);
    return insertNew(query, inserts, this.#tellingOf(inserts));
  }

  /** Records that may hold a place are removed while their key is locked. */
  async #remove(
    query: Query,
    removals: readonly Prepared<RemoveCommand>[],
  ): Promise<readonly Carried<RemoveAnswer>[]> {
    const removed = await removeAll(query, removals);
    return removed.map((each, index) => {
      const removal = removals[index];
      if (each.key === undefined || removal === undefined) return each as Answered<RemoveAnswer>;
      const answer = this.places.add({ ...removal, key: each.key }) as Promise<RemoveAnswer>;
      return { answer, changes: [] };
    });
  }
}

/**
 * The id of the record that a command concerns; empty for claims and purges, which concern many.
 */
export function idOf(command: Command): string {
  if (command.verb === "insert") return command.operation.id;
  if (command.verb === "replace") return command.next.id;
  return "id" in command ? command.id : "";
}

/** One statement changes a record at most once. */
function rowKeys({ command }: Prepared): readonly string[] {
  return [idOf(command)];
}

/** One statement stores a request id at most once. */
function requestKeys({ command }: Prepared): readonly string[] {
  if (command.verb !== "insert" || command.operation.requestId === null) return [];
  const { parent, method, requestId } = command.operation;
  return [`${parent}\0${method}\0${requestId}`];
}
