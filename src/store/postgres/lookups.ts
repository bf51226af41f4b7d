import { isId, shardOf } from "../../core/operation/id.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import type { Clock } from "../../core/ports/clock.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Random } from "../../core/ports/random.ts";
import type { ListPosition } from "../../core/list/order.ts";
import type { CountAnswer, CountQuery, ListAnswer, ListQuery, RowsAnswer } from "../../core/ports/lists.ts";
import type { Seen } from "../../core/ports/seen.ts";
import type { DueAnswer, DueQuery } from "../../core/ports/store.ts";
import { type ItemOutcome, Lane } from "../lane.ts";
import { toldBatches } from "../told-batches.ts";
import { type Page, RECORDS, ROWS, type Shape, SHOWN } from "../list/gathered-page.ts";
import { arrayOf, keysOf } from "./array.ts";
import type { Database, Query, Row } from "./database.ts";
import { countOf } from "./list-count.ts";
import { ListLookup, type ListSource } from "./list-lookup.ts";
import { retrying } from "./retry.ts";
import { toLightOperation, toOperation } from "./row.ts";
import { byShard, ofShard } from "./sharding.ts";
import * as sql from "./statements.ts";

/** The parts of the lookups. */
export interface LookupsParts {
  readonly database: Database;
  readonly random: Random;
  readonly clock: Clock;
  readonly tell: Tell;
  /** Whether the tables are distributed by shard over several servers (sharding.ts). */
  readonly isDistributed: boolean;
  /** The time for statements over all shards; null for the database's own. */
  readonly now: () => number | null;
  /**
   * Queries due operations, together with other queries of the same turn. @default the database,
   * one query at a time
   */
  readonly look?: Query | undefined;
  /** How long reads wait for more (lane.ts). @default 0 */
  readonly gatherMs?: (() => number) | undefined;
}

/** How a list reads the records of its page. */
const READS = {
  WHOLE: [sql.READ, toOperation],
  SHOWN: [sql.READ_SHOWN, toOperation],
  LIGHT: [sql.READ_LIGHT, toLightOperation],
} as const;

/** The number of reads that share a statement, however large the records are. */
const READS_MIN = 16;
/** No operation has this id, and all others come after it. */
const FIRST_ID = "00000000-0000-0000-0000-000000000000";

/**
 * All reads. Concurrent reads share a statement. On a distributed database `read`, `over` and
 * `changed` ask each shard separately, so that an unreachable shard does not delay the others;
 * lists and due operations are read by statements over all shards.
 */
export class Lookups {
  readonly #parts: LookupsParts;
  readonly #query: Query;
  /** One lane per shard; a single one if the database is not distributed. */
  readonly #reads: Lane<string, Operation | undefined>[] = [];
  /** The most reads in one statement. */
  #readsMost: number = READS_MIN;

  constructor(parts: LookupsParts) {
    const { database } = parts;
    this.#parts = parts;
    this.#query = (text, parameters) => database.query(text, parameters);
  }

  read(id: string): Promise<Operation | undefined> {
    return isId(id) ? this.#readsOf(id).add(id) : Promise.resolve(undefined);
  }

  /** Operations of an unreachable shard count as not over. */
  async over(ids: readonly string[]): Promise<readonly string[]> {
    const asked = ids.filter(isId);
    const rows = asked.length === 0 ? [] : await this.#ofEachShard(asked, (id) => id, this.#over);
    return [...ids.filter((id) => !isId(id)), ...rows.map(([id]) => String(id))];
  }

  /** As {@link over}. */
  async changed(seen: readonly Seen[]): Promise<readonly string[]> {
    const asked = seen.filter(({ id }) => isId(id));
    const rows = asked.length === 0 ? [] : await this.#ofEachShard(asked, ({ id }) => id, this.#changed);
    return [...seen.filter(({ id }) => !isId(id)).map(({ id }) => id), ...rows.map(([id]) => String(id))];
  }

  /** Touches every shard. */
  async list(query: ListQuery): Promise<ListAnswer> {
    const { items, next } = await this.#page(query, query.content === "SHOWN" ? SHOWN : RECORDS);
    return { operations: items, next };
  }

  /** Touches every shard. */
  async rows(query: ListQuery): Promise<RowsAnswer> {
    const { items, next, lookedAt } = await this.#page(query, ROWS);
    return { rows: items, next, lookedAt };
  }

  /**
   * A distributed database examines records window by window: a count would bring the newest
   * records of all shards to one server.
   */
  async count(query: CountQuery): Promise<CountAnswer | undefined> {
    if (this.#parts.isDistributed) return undefined;
    return this.#retrying(() => countOf(this.#source(), query));
  }

  #page<Item extends ListPosition>(query: ListQuery, shape: Shape<Item>): Promise<Page<Item>> {
    return this.#retrying(() => new ListLookup(this.#source(), query, shape).page());
  }

  #source(): ListSource {
    const { database } = this.#parts;
    return {
      query: (text, keys) => database.queryComposed(text, keys),
      read: async (ids, content) => {
        const [text, toRecord] = READS[content];
        const found = recordsOf(await this.#query(text, keysOf(ids)), toRecord);
        return ids.map((id) => found.get(id));
      },
    };
  }

  /** Touches every shard. */
  due({ by, limit, after }: DueQuery): Promise<DueAnswer> {
    const now = this.#parts.now();
    const look = this.#parts.look ?? this.#query;
    // A parent may have spaces.
    const [id = FIRST_ID, ...place] = after === null ? [] : after.split(" ");
    return this.#retrying(async () => {
      const rows = await (by === "lease"
        ? look(sql.DUE_LEASES, [now, limit, id, place.join(" ")])
        : look(sql.DUE_DEADLINES, [now, limit, id, place[0] ?? "-1"]));
      const last = rows.length < limit ? undefined : rows.at(-1);
      return { ids: rows.map(([each]) => String(each)), next: last?.join(" ") ?? null };
    });
  }

  /**
   * The size of records is known once they have arrived: the next statement reads as many as would
   * fit at this size.
   */
  async #readTogether(ids: readonly string[]): Promise<readonly ItemOutcome<Operation | undefined>[]> {
    const found = recordsOf(await this.#byKey(sql.READ, [...new Set(ids)]));
    let bytes = 0;
    for (const { request, metadata, response } of found.values())
      bytes += request.length + (metadata?.json.length ?? 0) + (response?.json.length ?? 0);
    const each = bytes / Math.max(found.size, 1);
    this.#readsMost = Math.max(READS_MIN, Math.min(LIMITS.writeBatchMax, LIMITS.readBatchBytes / each));
    return ids.map((id) => ({ answer: found.get(id) }));
  }

  readonly #over = (ids: readonly string[]): Promise<readonly Row[]> => this.#byKey(sql.OVER, ids);

  readonly #changed = (seen: readonly Seen[]): Promise<readonly Row[]> => {
    const ids = seen.map(({ id }) => id);
    return this.#byKey(sql.CHANGED, ids, arrayOf(seen.map(({ revision }) => revision)));
  };

  /** Rows of operations on several shards, from the shards that can be reached. */
  async #ofEachShard<Item>(
    items: readonly Item[],
    idOf: (item: Item) => string,
    ask: (some: readonly Item[]) => Promise<readonly Row[]>,
  ): Promise<readonly Row[]> {
    const groups = this.#parts.isDistributed ? [...byShard(items, idOf).values()] : [items];
    const answers = await Promise.allSettled(groups.map(ask));
    const failed = answers.find((answer) => answer.status === "rejected");
    const answered = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
    if (failed !== undefined && answered.length === 0) throw failed.reason;
    return answered.flat();
  }

  /** Rows of operations by shard and id. On a distributed database all are of one shard. */
  #byKey(text: string, ids: readonly string[], ...more: readonly string[]): Promise<readonly Row[]> {
    const [first = ""] = ids;
    const query = this.#parts.isDistributed ? ofShard(this.#query, shardOf(first)) : this.#query;
    return this.#retrying(() => query(text, [...keysOf(ids), ...more]));
  }

  #readsOf(id: string): Lane<string, Operation | undefined> {
    return (this.#reads[this.#parts.isDistributed ? shardOf(id) : 0] ??= new Lane({
      carryOut: toldBatches("read", this.#parts, (ids: readonly string[]) => this.#readTogether(ids)),
      inFlightMax: 1,
      gatherMs: this.#parts.gatherMs,
      countMax: () => this.#readsMost,
    }));
  }

  #retrying<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    return retrying(this.#parts.random, ask);
  }
}

function recordsOf(rows: readonly Row[], toRecord = toOperation): ReadonlyMap<string, Operation> {
  return new Map(rows.map((row) => [String(row[0]), toRecord(row)]));
}
