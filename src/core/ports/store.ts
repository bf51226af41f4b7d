import type { CallerTransaction } from "./caller-transaction.ts";
import type { DescribedStore } from "./described-store.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { Neighbours } from "./neighbours.ts";
import type { CountAnswer, CountQuery, ListAnswer, ListQuery, RowsAnswer } from "./lists.ts";
import type { TimeBounds } from "./clock.ts";
import type { Seen } from "./seen.ts";
import type { Operation, State } from "../operation/operation.ts";
import type { Payload } from "../operation/payload.ts";

/**
 * The port to where operations live. Implemented by SQLite and PostgreSQL; `src/store/store.suite.ts` says in cases
 * what every implementation does.
 *
 * Words: a *command* is one write, acknowledged after the commit that holds it. Commands that come together share a commit. The
 * store's clock is the authority on leases, availability and expiry. Rules live in `transition.ts`; the store compares and sets.
 * Only claims, renewals and who is unblocked are decided in SQL, and property tests hold them against `transition`.
 */
export interface Store extends DescribedStore {
  /** How often whoever waits has to look for itself, in milliseconds; null where `watch` tells of every change. */
  readonly pollMs: number | null;
  /**
   * Whether `watch` tells of other processes' ends and removals at least as hints, of which one may be lost; true where there
   * are no other processes. Where false, an operation may have ended long ago without anybody telling.
   */
  readonly tellsOfOthers: boolean;
  /** Whether operations of a key are kept on its shard (decision 0044). @default false */
  readonly keysHaveShards?: boolean;
  /** 32 secret bytes made with the store, the same for every process on it. Page tokens are sealed with them. */
  readonly key: Uint8Array;

  /** The store's clock: milliseconds since the Unix epoch. An estimate where the clock is on another machine. */
  time(): number;
  /** Between which times the store's clock is now. @default `time()`, where that is no estimate */
  timeBounds?(): TimeBounds;
  /**
   * Carries out a command, durably. A command sees the effect of every command that was answered before; two that are
   * under way together may be carried out in either order. Its answer, or its error, is its own: neither a command that
   * cannot be carried out nor one that waits for a lock disturbs the others. What is read later is what was written.
   *
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE when the store cannot be reached; nothing is acknowledged then, and
   *   the commit may or may not have happened. UNAVAILABLE STORE_LOCKED when others held a lock for too long
   * @throws {InvariantError} for a command that no store can carry out, such as one with a text that holds U+0000
   */
  write<C extends Command>(command: C): Promise<AnswerTo<C>>;

  /**
   * Stores an operation as a part of a transaction that the caller has begun on the same database: it exists if that is
   * committed, and listeners are told then. Absent where there are no such transactions.
   *
   * @throws whatever the caller's connection throws, as the transaction is the caller's
   */
  insertWithin?(transaction: CallerTransaction, command: InsertCommand): Promise<InsertAnswer>;

  /** Reads by id; undefined where there is none. Sees every write acknowledged before the call. */
  read(id: string): Promise<Operation | undefined>;

  /**
   * As `read`, but a record that is sealed with a key that this process does not have stays sealed, where `read` refuses it.
   * Absent where nothing is opened.
   */
  readOrSealed?(id: string): Promise<Operation | undefined>;

  /** Of some operations, those that have ended or are not there; their records are not read. For many at once. */
  over(ids: readonly string[]): Promise<readonly string[]>;
  /** Of records as they were seen, the ids of those that have another revision by now or are not there. As `over`. */
  changed(seen: readonly Seen[]): Promise<readonly string[]>;

  /**
   * Operations of a collection that a filter matches, in an order. What it looks at has a bound (`LIMITS.list…`), and so
   * have the payloads of an answer of more than one (`LIMITS.pageBytesMax`): there may be fewer than `limit`, or none, and
   * yet more to come.
   */
  list(query: ListQuery): Promise<ListAnswer>;

  /** The same without payloads, for operators: rows, and how much was looked at for them. */
  rows(query: ListQuery): Promise<RowsAnswer>;

  /**
   * How many operations match, where that costs less than reading them. Absent where it never does.
   *
   * @returns undefined where they have to be read, since the filter is about more than the store can judge by itself
   */
  count?(query: CountQuery): Promise<CountAnswer | undefined>;

  /** A page of what is due by the store's clock. Its order does not change: a walk over all pages passes what stays due, and ends. */
  due(query: DueQuery): Promise<DueAnswer>;

  /**
   * Tells of changes after their commit, a batch at a time: hints for waiters, caches and workers. Changes of this
   * process always come; those of others as fast as the store can tell, and a lost one costs a poll.
   *
   * @returns takes the listener off
   */
  watch(listener: (changes: readonly Change[]) => void): () => void;

  /** Absent where there are no other processes, or none that can be told of anything. */
  readonly neighbours?: Neighbours | undefined;

  /** Renews the leases of attempts that this process runs, from outside the event loop where the store can. */
  readonly keeper: LeaseKeeper;

  /** Finishes what was begun and lets go of the store. Commands after it are refused. */
  close(): Promise<void>;
}

/** A write. */
export type Command =
  | InsertCommand
  | ReplaceCommand
  | RenewCommand
  | ClaimCommand
  | RemoveCommand
  | PurgeCommand;

/**
 * Stores a new operation, PENDING or already claimed (RUNNING with attempt 1). A request id that is known stores nothing.
 *
 * With `parallel` the store decides `blocked`. *Held* are the places of the method and key: their unfinished operations
 * that are not blocked, delayed ones included, and between attempts too. Where fewer than `limit` are held and none is
 * blocked, the operation takes a place. Otherwise `reject` stores nothing, and `queue` stores it blocked; while fewer than
 * `limit` are held then, since the limit has been raised, the heads of the queue are unblocked, the new one among them if
 * its turn has come.
 *
 * The head of a queue is the blocked operation of the highest priority, then of the oldest `availableTime`, then of the
 * smallest id. To be unblocked raises the revision, and listeners are told.
 */
export interface InsertCommand {
  readonly verb: "insert";
  readonly operation: Operation;
  /** Present exactly when `operation.parallelKey` is not null. `limit`: at least 1. */
  readonly parallel?: { readonly limit: number; readonly when: "queue" | "reject" };
}

/**
 * Puts `next` in the place of the record it was decided on. Where that ends an operation that holds a place of its method
 * and key, the head of their queue is unblocked in the same commit: exactly one, whatever the limit is by now.
 */
export interface ReplaceCommand {
  readonly verb: "replace";
  readonly next: Operation;
  readonly expectedRevision: number;
  /** Where the decision looked at the lease: it must still end then. (A renewal moves the lease without a revision.) */
  readonly expectedLeaseTime?: number;
  /** As {@link Along}, exactly if the record is replaced. */
  readonly along?: Along;
}

/**
 * New operations that are stored in the commit of a change, if it is made: of the same shard, of new ids, without request id
 * and key.
 */
export type Along = readonly Operation[];

/** Extends a lease to now + `leaseMs`, and writes along what was reported last, which raises the revision. `parent` may spare a read. */
export interface RenewCommand {
  readonly verb: "renew";
  readonly id: string;
  readonly attempt: number;
  readonly leaseMs: number;
  readonly metadata: Payload | null;
  readonly parent?: string;
}

/**
 * Takes up to `limit` available operations of the methods wanted and leases them: highest priority first, then oldest, then smallest
 * id; no blocked ones. Of a priority of which some are left, tenants take turns: the store says how. `within`: of that parent and
 * of those below it alone, without turns, and in order among `LIMITS.claimWithinExaminedMax`.
 */
export interface ClaimCommand {
  readonly verb: "claim";
  readonly worker: string;
  readonly leaseMs: number;
  readonly limit: number;
  readonly wanted: readonly { readonly method: string; readonly limit: number }[];
  readonly within?: string;
}

/** Removes a record, whatever its state. The place of an unfinished one goes to the head of the queue, as in a replacement. */
export interface RemoveCommand {
  readonly verb: "remove";
  readonly id: string;
  /** Must be the record's. */
  readonly parent: string;
  /** As {@link Along}, exactly if the record is removed. */
  readonly along?: Along;
}

/** Removes records whose `expireTime` has passed, `limit` at most, oldest first. Those that others have locked are passed over. */
export interface PurgeCommand {
  readonly verb: "purge";
  readonly limit: number;
  /** Ids to pass over. @default none */
  readonly except?: readonly string[];
}

/** The answer to each kind of command. */
export type AnswerTo<C extends Command> = C extends InsertCommand
  ? InsertAnswer
  : C extends ReplaceCommand
    ? ReplaceAnswer
    : C extends RenewCommand
      ? RenewAnswer
      : C extends ClaimCommand
        ? ClaimAnswer
        : C extends RemoveCommand
          ? RemoveAnswer
          : PurgeAnswer;

/**
 * `blocked`: whether the stored record is, now that the command is carried out. `existing`: an operation with the same
 * parent, method and request id is kept; nothing was stored. `occupied`: no place is free, and `reject` was asked for;
 * nothing was stored.
 */
export type InsertAnswer =
  | { readonly inserted: true; readonly blocked: boolean }
  | { readonly inserted: false; readonly existing: Operation; readonly occupied?: undefined }
  | { readonly inserted: false; readonly occupied: true; readonly existing?: undefined };

/** `conflict`: the record has another revision (or lease) by now, or is gone. Read again and decide again. */
export interface ReplaceAnswer {
  readonly replaced: boolean;
}

/** `held: false`: the attempt is not the current one any more, or the lease had passed. */
export type RenewAnswer =
  | ({ readonly held: true; readonly leaseTime: number; readonly revision: number } & Pick<
      Change,
      "cancelRequested"
    >)
  | { readonly held: false };

/** `nextTime`: when the next operation of the methods wanted that is not blocked becomes available; null if none is pending. */
export interface ClaimAnswer {
  readonly operations: readonly Operation[];
  readonly nextTime: number | null;
}

/** Whether there was one. */
export interface RemoveAnswer {
  readonly removed: boolean;
}

/** Fewer than `limit` of all together: nothing else was to be removed. `passed`: locked by others. `failed`: refused by the store. */
export interface PurgeAnswer {
  readonly ids: readonly string[];
  readonly passed?: number;
  readonly failed?: readonly { readonly id: string; readonly error: Error }[];
  /** Milliseconds that the store worked on it, not counting what it waited for its turn. Absent where nothing was removed. */
  readonly workMs?: number;
}

/** Running operations whose lease has passed, or unfinished ones whose deadline has. `limit`: at least 1. */
export interface DueQuery {
  readonly by: "lease" | "deadline";
  readonly limit: number;
  /** `next` of the page before; null for the first page. */
  readonly after: string | null;
}

/** There may be fewer ids than `limit`, or none, and yet more to come. `next` is null at the end, and only there. */
export interface DueAnswer {
  readonly ids: readonly string[];
  readonly next: string | null;
}

/** That a record changed, and the little that listeners need to decide whether they care. */
export interface Change {
  readonly id: string;
  /** Absent where another process told of the change. */
  readonly parent?: string;
  readonly method: string;
  /** The state after the change; null when the record was removed. */
  readonly state: State | null;
  /** When it may be claimed; of use where the state is PENDING. */
  readonly availableTime: number;
  readonly cancelRequested: boolean;
}
