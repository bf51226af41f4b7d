import assert from "node:assert/strict";
import { Timers } from "../../../test/support/timers.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { AnswerTo, Change, Command, InsertCommand, Store } from "../../core/ports/store.ts";
import { type Event, transition } from "../../core/operation/transition.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";

/** An implementation of the port, for the suite. */
export interface StoreSubject {
  readonly name: string;
  /**
   * Whether another subject has the same statements. `npm test` then leaves out the cases that only
   * depend on these, and `npm run test:long` runs them. @default false
   */
  readonly hasTwin?: boolean;
  /** Opens an empty store on the clock. */
  open(clock: Clock): Promise<Store>;
  /** Opens the data of the last store again; absent if nothing remains. */
  reopen?(clock: Clock): Promise<Store>;
  /**
   * Whether shards are on several servers: operations then share a commit, a batch of changes and
   * an order of claims only if they are of one shard. @default false
   */
  readonly isDistributed?: boolean;
  /**
   * Whether the store's time belongs to this process and follows the monotonic clock. @default
   * false
   */
  readonly ownsTime?: boolean;
  /**
   * Resolves when everything that the store began by itself has ended. By default a single write
   * ensures that.
   */
  settle?(store: Store): Promise<void>;
  /**
   * The resources that a store holds outside of the process, such as connections and open files,
   * each as an identifying text. By default there are none.
   */
  held?(): Promise<readonly string[]>;
  /**
   * Present if the store seals payloads: it then answers only some filters, its pages contain fewer
   * operations, and its statistics contain no payloads. By default the store seals nothing and
   * answers all filters.
   */
  readonly seals?: { answers(filter: string): boolean };
  /**
   * The number of random lists that are compared with their expected results. Each list has many
   * pages. @default 600
   */
  readonly listRuns?: number;
}

/**
 * A new operation for a case with several operations: on the same shard if the store makes no
 * promises across shards.
 */
export function oneOfSeveral(
  { isDistributed = false }: StoreSubject,
  fields: Partial<Operation> = {},
): Operation {
  const operation = anOperation(fields);
  return isDistributed ? { ...operation, id: operation.id.replace(/..$/, "00") } : operation;
}

/** The tools of a case. */
export interface Bench {
  readonly store: Store;
  readonly clock: ManualClock;
}

/** Runs a case on an empty store, closes the store, and checks that it holds nothing afterwards. */
export function onStore(subject: StoreSubject, run: (bench: Bench) => Promise<void>): () => Promise<void> {
  return async () => {
    const clock = new ManualClock();
    const timers = new Timers();
    const held = (await subject.held?.()) ?? [];
    const store = await subject.open(clock);
    try {
      await run({ store, clock });
    } finally {
      await store.close();
      timers.stop();
    }
    assert.equal(clock.pending, 0, "a closed store waits for nothing on the clock that it was given");
    assert.deepEqual(timers.left(), [], "a closed store waits for nothing on the machine's clock");
    await isHeld(subject, held);
  };
}

/**
 * How often to check whether released resources are gone: for some seconds. The other side takes a
 * moment to notice.
 */
const LOOKS = 20_000;

/** Resources of an earlier store may disappear meanwhile. */
async function isHeld(subject: StoreSubject, before: readonly string[]): Promise<void> {
  let more: readonly string[] = [];
  for (let looks = 0; looks < LOOKS; looks++) {
    more = without((await subject.held?.()) ?? [], before);
    if (more.length === 0) return;
  }
  assert.deepEqual(more, [], "a closed store has let go of everything");
}

/** Compares as multisets. */
function without(held: readonly string[], before: readonly string[]): readonly string[] {
  const left = [...before];
  return held.filter((each) => {
    const at = left.indexOf(each);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

/** Carries out one command. */
export function write<C extends Command>(store: Store, command: C): Promise<AnswerTo<C>> {
  return store.write(command);
}

/** Carries out commands that are given in one turn. */
export function writeAll<C extends Command>(
  store: Store,
  commands: readonly C[],
): Promise<readonly AnswerTo<C>[]> {
  return Promise.all(commands.map((command) => store.write(command)));
}

/** Reads records that are requested in one turn. */
export function readAll(store: Store, ids: readonly string[]): Promise<readonly (Operation | undefined)[]> {
  return Promise.all(ids.map((id) => store.read(id)));
}

/**
 * Reads one record. A finished record is read twice, right after its commit and after another
 * commit, and both answers must be equal.
 */
export async function read(store: Store, { id }: Pick<Operation, "id">): Promise<Operation | undefined> {
  const told = await store.read(id);
  if (told === undefined || !isDone(told)) return told;
  await write(store, { verb: "purge", limit: 0 });
  const kept = await store.read(id);
  assert.deepEqual(kept, told);
  return kept;
}

/**
 * A limit high enough for `put`: every record takes a place, and is blocked afterwards if it should
 * be.
 */
const ANY_NUMBER = { limit: LIMITS.parallelLimitMax, when: "queue" } as const;

/** The command that starts an operation; with a limit if it has a key. */
export function insertOf(
  operation: Operation,
  parallel: NonNullable<InsertCommand["parallel"]> = ANY_NUMBER,
): InsertCommand {
  return operation.parallelKey === null
    ? { verb: "insert", operation }
    : { verb: "insert", operation, parallel };
}

/**
 * Stores records in any state, using only the verbs of the port. Each record with a key must have a
 * different one, because a replacement that ends an operation unblocks another one with the same
 * key.
 */
export async function put(store: Store, ...operations: readonly Operation[]): Promise<void> {
  const start = operations.map((operation) => insertOf(pending(operation)));
  await writeAll(store, start);
  await writeAll(
    store,
    operations.map((next) => ({ verb: "replace", next, expectedRevision: 1 }) as const),
  );
}

/** The record as it was at its start. */
function pending(operation: Operation): Operation {
  const { id, parent, method, requestId, request, target, attemptsMax, createTime, timeToLiveMs } = operation;
  const { deadlineTime, priority, parallelKey, caller, traceContext } = operation;
  const asked = {
    id,
    parent,
    method,
    requestId,
    request,
    target,
    attemptsMax,
    createTime,
    timeToLiveMs,
    deadlineTime,
    priority,
    parallelKey,
    caller,
    traceContext,
  };
  return anOperation({ ...asked, availableTime: createTime });
}

/** The record after a legal event. */
export function after(operation: Operation, event: Event): Operation {
  const { next, refused } = transition(operation, event);
  if (next === undefined) throw new Error(`the event ${event.type} was refused: ${refused}`);
  return next;
}

/** A record that a worker runs until `leaseTime`. */
export function aRunningOperation(leaseTime: number, fields: Partial<Operation> = {}): Operation {
  const operation = anOperation(fields);
  return after(operation, { type: "claim", now: operation.createTime, worker: "worker-1", leaseTime });
}

/** A record that ended at its creation time. */
export function aFinishedOperation(fields: Partial<Operation> = {}): Operation {
  const running = aRunningOperation(Number.MAX_SAFE_INTEGER, fields);
  const response = { type: "google.protobuf.Struct", json: '{"path":"/a"}' };
  return after(running, { type: "complete", now: running.createTime, attempt: 1, response });
}

/** Collects the messages to the store's listeners, without records of ends, which are optional. */
export function listen(store: Store): (readonly Change[])[] {
  const heard: (readonly Change[])[] = [];
  store.watch((changes) => {
    const told = changes.map((change) => ({ ...change }));
    for (const change of told) delete change.ended;
    heard.push(told);
  });
  return heard;
}
