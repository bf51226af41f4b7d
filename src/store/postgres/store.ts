import type { Clock, TimeBounds, Timer } from "../../core/ports/clock.ts";
import { invariant } from "../../core/invariant.ts";
import { shardOf } from "../../core/operation/id.ts";
import type { Tell } from "../../core/events.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Random } from "../../core/ports/random.ts";
import type { CallerTransaction } from "../../core/ports/caller-transaction.ts";
import type { StoreFacts } from "../../core/ports/described-store.ts";
import type { CountAnswer, CountQuery, ListAnswer, ListQuery, RowsAnswer } from "../../core/ports/lists.ts";
import type { Seen } from "../../core/ports/seen.ts";
import type {
  AnswerTo,
  Change,
  Command,
  DueAnswer,
  DueQuery,
  InsertAnswer,
  InsertCommand,
  Store,
} from "../../core/ports/store.ts";
import { StatusError } from "../../core/error/error.ts";
import { shuttingDown } from "../fault.ts";
import { Keeper } from "../leases/keeper.ts";
import { type LeaseRenewals, Renewals, renewByWrite, type Round } from "../leases/renewals.ts";
import { checkTexts } from "../texts.ts";
import { Listeners } from "../listeners.ts";
import { queryWithin } from "./caller-transaction.ts";
import { Hints, type HintsParts } from "./hints.ts";
import type { Database } from "./database.ts";
import { insertAll } from "./inserts.ts";
import { insertWithPlace } from "./place-inserts.ts";
import { Lookups } from "./lookups.ts";
import { Looks } from "./looks.ts";
import { prepare } from "./prepared.ts";
import { PostgresResources } from "./resource-store.ts";
import { ofShard } from "./sharding.ts";
import * as sql from "./statements.ts";
import { FACTS } from "./statements-service.ts";
import { Statistics } from "./statistics.ts";
import { PostgresStatistics } from "./statistics-store.ts";
import { learnTime, type StoreClock } from "./store-clock.ts";
import { Writer } from "./writer.ts";

/** The parts of a store. */
export interface PostgresStoreParts {
  readonly database: Database;
  readonly clock: Clock;
  readonly storeClock: StoreClock;
  readonly random: Random;
  readonly tell: Tell;
  readonly key: Uint8Array;
  readonly readOnly: boolean;
  /**
   * Whether the tables are distributed by shard over several servers (sharding.ts). @default false
   */
  readonly isDistributed?: boolean;
  /** Notifications between processes; absent if the database is polled. */
  readonly hints?: Pick<HintsParts, "channel" | "home">;
  /** @default renewals on the main thread's clock */
  readonly renewals?: ((hear: (round: Round) => void) => LeaseRenewals) | undefined;
  /** Stopped when the store is closed. */
  readonly leaseThread?: { stop(): Promise<void> } | undefined;
}

/** The interval at which the database's clock is read, because machines' clocks drift apart. */
const CLOCK_INTERVAL_MS = 15_000;
/** The polling interval of waiters, with hints and without. */
const POLL_MS_WITH_HINTS = 1_000;
const POLL_MS_WITHOUT = 200;
/**
 * Operations in PostgreSQL.
 *
 * Terms: other *processes* write to the same tables; a *hint* is their notification of a change.
 * Source of truth: the tables, and the database's clock. On failure: statements are retried for
 * some seconds, so that an unnoticed commit does no harm; then the caller gets UNAVAILABLE, and the
 * next call starts anew.
 *
 * Listeners learn of this process's commits before their callers are answered. They learn of other
 * processes' commits as fast as notices travel, if at all, so waiters poll every `pollMs`.
 */
export class PostgresStore implements Store {
  readonly pollMs: number;
  readonly tellsOfOthers: boolean;
  readonly keysHaveShards: boolean;
  readonly key: Uint8Array;
  readonly neighbours: Hints | undefined;
  readonly keeper: Keeper;
  readonly statistics: PostgresStatistics;
  readonly resources: PostgresResources;
  readonly #parts: PostgresStoreParts;
  readonly #writer: Writer;
  readonly #listeners: Listeners<readonly Change[]>;
  readonly #statistics: Statistics | undefined;
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #lookups: Lookups;
  #clockTimer: Timer | undefined;
  #closing: Promise<void> | undefined;

  constructor(parts: PostgresStoreParts) {
    const { clock, tell, random, database, storeClock, isDistributed = false } = parts;
    this.#parts = parts;
    this.keysHaveShards = isDistributed;
    this.key = parts.key;
    this.#listeners = new Listeners(tell);
    const now = (): number | null => storeClock.statementTime();
    const time = (): number => storeClock.time();
    const renew = renewByWrite((command) => this.write(command), tell);
    this.keeper = new Keeper({
      tell,
      renewals: parts.renewals ?? ((hear) => new Renewals({ clock, renew, hear })),
    });
    const look = new Looks(database).query;
    const hear: HintsParts["hear"] = (changes, shards) => this.#hear(changes, shards);
    if (parts.hints !== undefined)
      this.neighbours = new Hints({ ...parts, ...parts.hints, time, look, hear });
    // On a distributed database each shard has its own lanes, with few commands in each.
    const gatherMs = isDistributed ? undefined : (): number => this.neighbours?.gatherMs ?? 0;
    this.#writer = new Writer({
      database,
      gatherMs,
      look,
      random,
      now,
      time,
      clock,
      telling: this.neighbours,
      tell,
      committed: (changes, untold) => this.#tell(changes, untold),
      isDistributed,
      owns: (method, shard) => this.neighbours?.owns(method, shard) ?? true,
      isTold: () => this.neighbours?.tellsHomes ?? false,
    });
    // A worker node's clock may differ from the coordinator's, which the store's clock estimates.
    const lookedAt = (): number | null => now() ?? (isDistributed ? storeClock.timeBounds().earliest : null);
    this.#lookups = new Lookups({ ...parts, isDistributed, now: lookedAt, look, gatherMs });
    const carryOut = <Answer>(work: () => Promise<Answer>): Promise<Answer> => this.#carryOut(work);
    const change: typeof carryOut = (work) => (parts.readOnly ? Promise.reject(readOnly()) : carryOut(work));
    const beside = { database, isDistributed, now: lookedAt, look, carryOut, change };
    this.statistics = new PostgresStatistics(beside);
    this.resources = new PostgresResources(beside);
    // Worker nodes plan each statement anew, for the table's current size.
    this.#statistics = isDistributed ? undefined : new Statistics(database);
    this.tellsOfOthers = this.neighbours?.topics.includes("ends") === true;
    this.pollMs = this.neighbours === undefined ? POLL_MS_WITHOUT : POLL_MS_WITH_HINTS;
    this.#keepTime();
  }

  time(): number {
    return this.#parts.storeClock.time();
  }

  timeBounds(): TimeBounds {
    return this.#parts.storeClock.timeBounds();
  }

  write<C extends Command>(command: C): Promise<AnswerTo<C>> {
    if (this.#parts.readOnly) return Promise.reject(readOnly());
    return this.#carryOut(async () => {
      checkTexts(command);
      const answer = await this.#writer.write(command);
      if (command.verb === "insert") void this.#statistics?.stored(1);
      return answer;
    });
  }

  async insertWithin(transaction: CallerTransaction, command: InsertCommand): Promise<InsertAnswer> {
    checkTexts(command);
    const whole = queryWithin(transaction);
    const query = this.#parts.isDistributed === true ? ofShard(whole, shardOf(command.operation.id)) : whole;
    const insert = prepare(command);
    const [answered] =
      command.parallel === undefined
        ? await insertAll(query, [insert])
        : [await insertWithPlace(query, insert)];
    invariant(answered !== undefined, "an insert is answered");
    // Part of the transaction: PostgreSQL sends the notices when it is committed, to this process
    // as well.
    for (const notice of this.neighbours?.noticesToAll(answered.changes) ?? []) {
      await query(sql.NOTIFY, notice);
    }
    return answered.answer;
  }

  facts(): Promise<StoreFacts> {
    return this.#carryOut(async () => {
      const [[name, schema] = []] = await this.#parts.database.query(FACTS);
      return { name: String(name), schema: Number(schema) };
    });
  }

  read(id: string): Promise<Operation | undefined> {
    return this.#carryOut(() => this.#lookups.read(id));
  }

  over(ids: readonly string[]): Promise<readonly string[]> {
    return this.#carryOut(() => this.#lookups.over(ids));
  }

  changed(seen: readonly Seen[]): Promise<readonly string[]> {
    return this.#carryOut(() => this.#lookups.changed(seen));
  }

  list(query: ListQuery): Promise<ListAnswer> {
    return this.#carryOut(() => this.#lookups.list(query));
  }

  rows(query: ListQuery): Promise<RowsAnswer> {
    return this.#carryOut(() => this.#lookups.rows(query));
  }

  count(query: CountQuery): Promise<CountAnswer | undefined> {
    return this.#carryOut(() => this.#lookups.count(query));
  }

  due(query: DueQuery): Promise<DueAnswer> {
    return this.#carryOut(() => this.#lookups.due(query));
  }

  watch(listener: (changes: readonly Change[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  /** Resolves when no work is in progress any more. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  /**
   * Other processes are notified after the callers of this process, at no cost for these callers.
   */
  #tell(changes: readonly Change[], untold: readonly Change[]): void {
    // First, because a worker without a free slot that hears of the work passes it on.
    this.neighbours?.tell(changes, untold);
    if (changes.length > 0) this.#hear(changes, []);
  }

  #hear(changes: readonly Change[], shards: readonly number[]): void {
    this.#writer.hear(changes, shards);
    this.#listeners.tell(changes);
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
    await this.neighbours?.close();
    await this.#parts.database.close();
  }
}

function readOnly(): StatusError {
  return new StatusError("FAILED_PRECONDITION", "Cannot write: the store was opened for reading only.");
}
