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
 * The port to the store of operations, implemented by SQLite and PostgreSQL. The cases in `src/store/store.suite.ts` specify
 * every implementation.
 *
 * Words: a *command* is one write, acknowledged after the commit that holds it. Concurrent commands share a commit. The
 * store's clock is the authority on leases, availability and expiry. The state machine is in `transition.ts`; the store
 * compares and sets. SQL decides only claims, renewals and the next operation to unblock, and property tests compare these
 * with `transition`.
 */
export interface Store extends DescribedStore {
  /** The interval at which waiters and watchers have to poll, in milliseconds; null if `watch` announces every change. */
  readonly pollMs: number | null;
  /**
   * Whether `watch` announces ends and removals by other processes, at least as hints that may be lost; true without other
   * processes. If false, an operation may have ended long ago without a hint.
   */
  readonly tellsOfOthers: boolean;
  /** Whether all operations of a key are on the shard of the key (decision 0044). @default false */
  readonly keysHaveShards?: boolean;
  /** 32 secret bytes made with the store, the same for every process on it. Page tokens are sealed with them. */
  readonly key: Uint8Array;

  /** The store's clock: milliseconds since the Unix epoch; an estimate if it is remote. */
  time(): number;
  /** The bounds of the store's clock now. @default `time()`, if that is exact */
  timeBounds?(): TimeBounds;
  /**
   * Executes a command durably. A command sees the effects of all commands answered before; concurrent commands may execute
   * in any order. Each command has its own answer or error: a failing command, or one that waits for a lock, does not affect
   * the others. Later reads return the written values exactly.
   *
   * @throws {StatusError} UNAVAILABLE STORE_UNAVAILABLE if the store cannot be reached; nothing is
   *   acknowledged then, and the commit may or may not have happened. UNAVAILABLE STORE_LOCKED if
   *   another session held a lock for too long
   * @throws {InvariantError} for a command that no store can execute, for example with U+0000 in a text
   */
  write<C extends Command>(command: C): Promise<AnswerTo<C>>;

  /**
   * Stores an operation within the caller's own transaction on the same database. The operation exists, and is announced,
   * when that transaction commits. Absent if the store has no such transactions.
   *
   * @throws the errors of the caller's connection
   */
  insertWithin?(transaction: CallerTransaction, command: InsertCommand): Promise<InsertAnswer>;

  /** Reads by id; undefined if the record does not exist. Sees every write acknowledged before the call. */
  read(id: string): Promise<Operation | undefined>;

  /**
   * As `read`, but a record whose key this process lacks stays sealed; `read` rejects it. Absent without encryption.
   */
  readOrSealed?(id: string): Promise<Operation | undefined>;

  /** The ids whose operations are done or do not exist, without reads; for many at once. */
  over(ids: readonly string[]): Promise<readonly string[]>;
  /** The ids of known records that have changed or do not exist. As `over`. */
  changed(seen: readonly Seen[]): Promise<readonly string[]>;

  /**
   * Lists the operations of a collection that match a filter, in an order. The number of records read (`LIMITS.list…`) and
   * the payloads of an answer with several records (`LIMITS.pageBytesMax`) are limited. So an answer may have fewer than
   * `limit` operations, or none, although more follow.
   */
  list(query: ListQuery): Promise<ListAnswer>;

  /** The same without payloads, for operators: rows, and the number of records read. */
  rows(query: ListQuery): Promise<RowsAnswer>;

  /**
   * Counts the matching operations, if this costs less than reading them. Absent if it never does.
   *
   * @returns undefined if they must be read, because the store cannot evaluate the filter
   */
  count?(query: CountQuery): Promise<CountAnswer | undefined>;

  /**
   * A page of the operations that are due by the store's clock. Their order is stable: a walk over all pages passes
   * operations that stay due, and ends.
   */
  due(query: DueQuery): Promise<DueAnswer>;

  /**
   * Announces changes after their commit, in batches, as hints for waiters, caches and workers. Changes of this process are
   * always announced; changes of other processes as soon as possible, and a lost hint costs one poll interval.
   *
   * @returns removes the listener
   */
  watch(listener: (changes: readonly Change[]) => void): () => void;

  /** Absent without other processes, or if they cannot be notified. */
  readonly neighbours?: Neighbours | undefined;

  /** Renews the leases of attempts in this process, outside the event loop if possible. */
  readonly keeper: LeaseKeeper;

  /** Finishes running commands and closes the store. Later commands are refused. */
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
 * Stores a new operation, PENDING or already claimed (RUNNING with attempt 1). A known request id stores nothing.
 *
 * With `parallel` the store decides `blocked`. The *held* places of a method and key are its unfinished operations that are
 * not blocked, including delayed ones and those between attempts. If fewer than `limit` places are held and no operation is
 * blocked, the new operation takes a place. Otherwise `reject` stores nothing, and `queue` stores the operation as blocked.
 * If the limit was raised, so that fewer than `limit` places are held, the store then unblocks operations from the head of
 * the queue, possibly the new one.
 *
 * The head of a queue is the blocked operation with the highest priority, then the oldest `availableTime`, then the smallest
 * id. Unblocking raises the revision and is announced.
 */
export interface InsertCommand {
  readonly verb: "insert";
  readonly operation: Operation;
  /** Present exactly when `operation.parallelKey` is not null. `limit`: at least 1. */
  readonly parallel?: { readonly limit: number; readonly when: "queue" | "reject" };
}

/**
 * Replaces the record with `next`, if it still has the expected revision. If this ends an operation that holds a place of its
 * method and key, the same commit unblocks the head of the queue: exactly one operation, regardless of the current limit.
 */
export interface ReplaceCommand {
  readonly verb: "replace";
  readonly next: Operation;
  readonly expectedRevision: number;
  /**
   * The end of the lease that the decision is based on; it must be unchanged. (A renewal changes
   * the lease without a new revision.)
   */
  readonly expectedLeaseTime?: number;
  /** As {@link Along}, exactly if the record is replaced. */
  readonly along?: Along;
}

/**
 * New operations that are stored in the commit of a change, if it happens: on the same shard, with
 * new ids, without request id and key.
 */
export type Along = readonly Operation[];

/**
 * Extends a lease to now + `leaseMs`, and also writes the last report, which raises the revision. `parent` may save a read.
 */
export interface RenewCommand {
  readonly verb: "renew";
  readonly id: string;
  readonly attempt: number;
  readonly leaseMs: number;
  readonly metadata: Payload | null;
  readonly parent?: string;
  /**
   * The worker hands the attempt over: its lease is to outlive this process. A store whose leases
   * do so anyway ignores this. @default false
   */
  readonly isHandedOver?: boolean;
}

/**
 * Claims up to `limit` available operations of the given methods: highest priority first, then oldest, then smallest id; no
 * blocked operations. If more operations of a priority are available than fit, tenants take turns, in the way of each store.
 * `within`: only operations of that parent and the parents below it, without turns, and in order among
 * `LIMITS.claimWithinExaminedMax`.
 */
export interface ClaimCommand {
  readonly verb: "claim";
  readonly worker: string;
  readonly leaseMs: number;
  readonly limit: number;
  readonly wanted: readonly { readonly method: string; readonly limit: number }[];
  readonly within?: string;
}

/** Removes a record in any state. The place of an unfinished operation goes to the head of the queue, as in a replacement. */
export interface RemoveCommand {
  readonly verb: "remove";
  readonly id: string;
  /** Must be the record's parent. */
  readonly parent: string;
  /** As {@link Along}, exactly if the record is removed. */
  readonly along?: Along;
}

/** Removes records whose `expireTime` has passed, at most `limit`, oldest first. Locked records are skipped. */
export interface PurgeCommand {
  readonly verb: "purge";
  readonly limit: number;
  /** Ids to skip. @default none */
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
 * `blocked`: whether the stored record is blocked after the command. `existing`: an operation with
 * the same parent, method and request id exists; nothing was stored. `occupied`: no place is free,
 * and `reject` was requested; nothing was stored.
 */
export type InsertAnswer =
  | { readonly inserted: true; readonly blocked: boolean }
  | { readonly inserted: false; readonly existing: Operation; readonly occupied?: undefined }
  | { readonly inserted: false; readonly occupied: true; readonly existing?: undefined };

/** `conflict`: the record has another revision (or lease), or is gone. Read and decide again. */
export interface ReplaceAnswer {
  readonly replaced: boolean;
}

/** `held: false`: another attempt has replaced this one, or the lease had expired. */
export type RenewAnswer =
  | ({ readonly held: true; readonly leaseTime: number; readonly revision: number } & Pick<
      Change,
      "cancelRequested"
    >)
  | { readonly held: false };

/**
 * `nextTime`: the time at which the next unblocked operation of the given methods becomes available; null if none is pending.
 */
export interface ClaimAnswer {
  readonly operations: readonly Operation[];
  readonly nextTime: number | null;
}

/** Whether a record was removed. */
export interface RemoveAnswer {
  readonly removed: boolean;
}

/**
 * If all three together are fewer than `limit`, nothing else was removable. `passed`: locked by
 * others. `failed`: refused by the store.
 */
export interface PurgeAnswer {
  readonly ids: readonly string[];
  readonly passed?: number;
  readonly failed?: readonly { readonly id: string; readonly error: Error }[];
  /** The time that the store worked on it, in milliseconds, without queueing. Absent if nothing was removed. */
  readonly workMs?: number;
}

/** Asks for running operations with an expired lease, or unfinished operations past their deadline. `limit`: at least 1. */
export interface DueQuery {
  readonly by: "lease" | "deadline";
  readonly limit: number;
  /** `next` of the page before; null for the first page. */
  readonly after: string | null;
}

/** An answer may have fewer ids than `limit`, or none, although more follow. `next` is null only at the end. */
export interface DueAnswer {
  readonly ids: readonly string[];
  readonly next: string | null;
}

/** A notice that a record changed, with the facts that listeners need to ignore it or not. */
export interface Change {
  readonly id: string;
  /** Absent if another process announced the change. */
  readonly parent?: string;
  readonly method: string;
  /** The state after the change; null after a removal. */
  readonly state: State | null;
  /** The earliest claim; meaningful if the state is PENDING. */
  readonly availableTime: number;
  readonly cancelRequested: boolean;
  /** The stored record, if this process ended the operation: waiters then read nothing. Optional. */
  readonly ended?: Operation | undefined;
}
