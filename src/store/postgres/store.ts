import type { Clock, Timer } from "../../core/ports/clock.ts";
import { invariant } from "../../core/invariant.ts";
import { isId } from "../../core/operation/id.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Random } from "../../core/ports/random.ts";
import type { CallerTransaction } from "../../core/ports/caller-transaction.ts";
import type {
  AnswerTo,
  Change,
  Command,
  DueAnswer,
  DueQuery,
  InsertAnswer,
  InsertCommand,
  ListAnswer,
  ListQuery,
  Store,
} from "../../core/ports/store.ts";
import { StatusError } from "../../core/error/error.ts";
import { shuttingDown } from "../fault.ts";
import { Keeper } from "../leases/keeper.ts";
import { type LeaseRenewals, Renewals, renewByWrite, type Round } from "../leases/renewals.ts";
import { Lane, type ItemOutcome } from "../lane.ts";
import { checkTexts } from "../texts.ts";
import { Listeners } from "../listeners.ts";
import { toldBatches } from "../told-batches.ts";
import { type Cell, keysOf } from "./array.ts";
import { queryWithin } from "./caller-transaction.ts";
import { Hints, type HintsParts } from "./hints.ts";
import type { Database, Query } from "./database.ts";
import { insertAll, insertWithPlace } from "./inserts.ts";
import { ListLookup } from "./list-lookup.ts";
import { prepare } from "./prepared.ts";
import { retrying } from "./retry.ts";
import { toOperation } from "./row.ts";
import * as sql from "./statements.ts";
import { Statistics } from "./statistics.ts";
import { learnTime, type StoreClock } from "./store-clock.ts";
import { Writer } from "./writer.ts";

/** What a store is put together from. */
export interface PostgresStoreParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly storeClock: StoreClock;
  readonly random: Random;
  readonly tell: Tell;
  readonly key: Uint8Array;
  readonly readOnly: boolean;
  /** What tells processes of each other's changes; absent where the database is polled. */
  readonly hints?: Pick<HintsParts, "channel" | "home">;
  /** @default renewals on the main thread's clock */
  readonly renewals?: ((hear: (round: Round) => void) => LeaseRenewals) | undefined;
  /** Ended when the store is closed. */
  readonly leaseThread?: { stop(): Promise<void> } | undefined;
}

/** The database's clock is asked this often: machines' clocks drift apart. */
const CLOCK_INTERVAL_MS = 15_000;
/** How often whoever waits looks for itself, with hints to rely on, and without. */
const POLL_MS_WITH_HINTS = 1_000;
const POLL_MS_WITHOUT = 200;
/** Reads in one statement, however large records are. */
const READS_MIN = 16;
/** No operation has it, and all others come behind it. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/**
 * Operations in PostgreSQL.
 *
 * Words: other *processes* write to the same tables; a *hint* is what they tell of it. Authority: the tables, and the database's
 * clock. On failure: statements are tried again for some seconds, in ways that a commit without our knowing does not disturb;
 * then the caller is told UNAVAILABLE, and the next call begins anew.
 *
 * Listeners hear of this process's commits before their callers are answered, and of others' as fast as notices travel, if at
 * all: whoever waits looks for itself every `pollMs`.
 */
export class PostgresStore implements Store {
  readonly pollMs: number;
  readonly tellsOfOthers: boolean;
  readonly key: Uint8Array;
  readonly keeper: Keeper;
  readonly #parts: PostgresStoreParts;
  readonly #writer: Writer;
  readonly #listeners: Listeners<readonly Change[]>;
  readonly #hints: Hints | undefined;
  readonly #statistics: Statistics;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #reads: Lane<string, Operation | undefined>;
  /** Reads in one statement. */
  #readsMost: number = READS_MIN;
  #clockTimer: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: PostgresStoreParts) {
    const { clock, tell, random, database, storeClock } = parts;
    this.#parts = parts;
    this.key = parts.key;
    this.#listeners = new Listeners(tell);
    const now = (): number | null => storeClock.statementTime();
    const renew = renewByWrite((command) => this.write(command), tell);
    this.keeper = new Keeper({
      tell,
      renewals: parts.renewals ?? ((hear) => new Renewals({ clock, renew, hear })),
    });
    if (parts.hints !== undefined)
      this.#hints = new Hints({ ...parts, ...parts.hints, hear: (changes) => this.#hear(changes) });
    const time = (): number => storeClock.time();
    this.#writer = new Writer({
      database,
      random,
      now,
      time,
      clock,
      telling: this.#hints,
      tell,
      committed: (changes, untold) => this.#tell(changes, untold),
    });
    this.#reads = new Lane({
      carryOut: toldBatches("read", parts, (ids: readonly string[]) => this.#readTogether(ids)),
      inFlightMax: 1,
      countMax: () => this.#readsMost,
    });
    this.#statistics = new Statistics(database);
    this.tellsOfOthers = this.#hints?.topics.includes("ends") === true;
    this.pollMs = this.#hints === undefined ? POLL_MS_WITHOUT : POLL_MS_WITH_HINTS;
    this.#keepTime();
  }

  time(): number {
    return this.#parts.storeClock.time();
  }

  write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    if (this.#parts.readOnly) return Promise.reject(readOnly());
    return this.#carryOut(async () => {
      checkTexts(command);
      const answer = await this.#writer.write(command);
      if (command.verb === "insert") void this.#statistics.stored(1);
      return answer;
    });
  }

  async insertWithin(transaction: CallerTransaction, command: InsertCommand): Promise<InsertAnswer> {
    checkTexts(command);
    const query = queryWithin(transaction);
    const insert = prepare(command);
    const [answered] =
      command.parallel === undefined
        ? await insertAll(query, [insert])
        : [await insertWithPlace(query, insert)];
    invariant(answered !== undefined, "an insert is answered");
    // As a part of the transaction: PostgreSQL tells when it is committed, and this process too.
    for (const notice of this.#hints?.noticesToAll(answered.changes) ?? []) {
      await query(sql.NOTIFY, notice);
    }
    return answered.answer;
  }

  read(id: string): Promise<Operation | undefined> {
    return isId(id) ? this.#carryOut(() => this.#reads.add(id)) : Promise.resolve(undefined);
  }

  over(ids: readonly string[]): Promise<readonly string[]> {
    return this.#carryOut(() => this.#retrying(() => this.#over(ids)));
  }

  list(query: ListQuery): Promise<ListAnswer> {
    const read = async (ids: readonly string[]): Promise<readonly (Operation | undefined)[]> => {
      const found = await this.#readAll(ids);
      return ids.map((id) => found.get(id));
    };
    const { database } = this.#parts;
    const source = {
      query: (text: string, keys: readonly Cell[]) => database.queryComposed(text, keys),
      read,
    };
    return this.#carryOut(() => this.#retrying(() => new ListLookup(source, query).page()));
  }

  due({ by, limit, after }: DueQuery): Promise<DueAnswer> {
    const now = this.#parts.storeClock.statementTime();
    // A parent may have spaces.
    const [id = FIRST_ID, ...place] = after === null ? [] : after.split(" ");
    return this.#carryOut(() =>
      this.#retrying(async () => {
        const rows = await (by === "lease"
          ? this.#query(sql.DUE_LEASES, [now, limit, id, place.join(" ")])
          : this.#query(sql.DUE_DEADLINES, [now, limit, id, place[0] ?? "-1"]));
        const last = rows.length < limit ? undefined : rows.at(-1);
        return { ids: rows.map(([each]) => String(each)), next: last?.join(" ") ?? null };
      }),
    );
  }

  handOn(method: string): void {
    this.#hints?.handOn(method);
  }

  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Resolves when nothing that was begun is under way any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  readonly #query: Query = (text, parameters) => this.#parts.database.query(text, parameters);

  /** Records by id; those that there are none of are left out. */
  async #readAll(ids: readonly string[]): Promise<ReadonlyMap<string, Operation>> {
    const rows = await this.#query(sql.READ, keysOf(ids));
    return new Map(rows.map((row) => [String(row[0]), toOperation(row)]));
  }

  /** How large records are is known when they have come: the next reads are as many as fit, if they are as large. */
  async #readTogether(ids: readonly string[]): Promise<readonly ItemOutcome<Operation | undefined>[]> {
    const found = await this.#retrying(() => this.#readAll([...new Set(ids)]));
    let bytes = 0;
    for (const { request, metadata, response } of found.values())
      bytes += request.length + (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
    const each = bytes / Math.max(found.size, 1);
    this.#readsMost = Math.max(READS_MIN, Math.min(LIMITS.writeBatchMax, LIMITS.readBatchBytes / each));
    return ids.map((id) => ({ answer: found.get(id) }));
  }

  /** Other processes are told when the callers of this one have been, which costs these nothing. */
  #tell(changes: readonly Change[], untold: readonly Change[]): void {
    // First, since a worker that hears of it and has no room hands it on.
    this.#hints?.tell(changes, untold);
    if (changes.length > 0) this.#hear(changes);
  }

  async #over(ids: readonly string[]): Promise<readonly string[]> {
    const asked = ids.filter(isId);
    const rows = asked.length === 0 ? [] : await this.#query(sql.OVER, keysOf(asked));
    return [...ids.filter((id) => !isId(id)), ...rows.map(([id]) => String(id))];
  }

  #hear(changes: readonly Change[]): void {
    this.#writer.hear(changes);
    this.#listeners.tell(changes);
  }

  #retrying<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    return retrying(this.#parts.random, ask);
  }

  async #carryOut<Answer>(work: () => Promise<Answer>): Promise<Answer> {
    if (this.#closing !== undefined) throw shuttingDown();
    const answer = work();
    this.#underWay.add(answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(answer);
    }
  }

  #keepTime(): void {
    const { clock } = this.#parts;
    if (this.#closing !== undefined || clock.isReal !== true) return;
    this.#clockTimer = clock.after(CLOCK_INTERVAL_MS, () => {
      void learnTime(this.#parts).then(
        () => this.#keepTime(),
        () => this.#keepTime(),
      );
    });
  }

  async #close(): Promise<void> {
    this.#clockTimer?.cancel();
    this.keeper.stop();
    await Promise.allSettled(this.#underWay);
    await this.#parts.leaseThread?.stop();
    await this.#hints?.close();
    await this.#parts.database.close();
  }
}

function readOnly(): StatusError {
  return new StatusError("FAILED_PRECONDITION", "Cannot write: the store was opened for reading only.");
}
