import assert from "node:assert/strict";
import { Timers } from "../../../test/support/timers.ts";
import type { Clock } from "../../core/ports/clock.ts";
import { LIMITS } from "../../core/limits.ts";
import { isDone, type Operation } from "../../core/operation/operation.ts";
import type { AnswerTo, Change, Command, InsertCommand, Store } from "../../core/ports/store.ts";
import { type Event, transition } from "../../core/operation/transition.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";

/** An implementation of the port that the suite is run on. */
export interface StoreSubject {
  readonly name: string;
  /** Opens an empty store on the clock. */
  open(clock: Clock): Promise<Store>;
  /** Opens what the store opened last has left behind; absent where nothing is left. */
  reopen?(clock: Clock): Promise<Store>;
  /**
   * Whether shards are on several servers: several operations then share a commit, a batch of changes and an order of claims if
   * they are of one shard. @default false
   */
  readonly isDistributed?: boolean;
  /** Whether the store's time is this process's, which goes by the monotonic clock. @default false */
  readonly ownsTime?: boolean;
  /** Resolves when what the store began by itself has ended. By default one write is enough to know. */
  settle?(store: Store): Promise<void>;
  /** What a store of it holds outside of the process, each by what tells it from others: connections, open files. By default nothing. */
  held?(): Promise<readonly string[]>;
  /** Which filters it answers, and that it seals what holds payloads: pages hold less of it, and statistics none. By default all, and that it does not. */
  readonly seals?: { answers(filter: string): boolean };
  /** Lists that are drawn to be compared with what they are to find. Each is many pages. @default 600 */
  readonly listRuns?: number;
}

/** A new operation for a case about several together: of one shard where the store promises nothing of others. */
export function oneOfSeveral(
  { isDistributed = false }: StoreSubject,
  fields: Partial<Operation> = {},
): Operation {
  const operation = anOperation(fields);
  return isDistributed ? { ...operation, id: operation.id.replace(/..$/, "00") } : operation;
}

/** What a case has to hand. */
export interface Bench {
  readonly store: Store;
  readonly clock: ManualClock;
}

/** Runs a case on an empty store, and closes it: nothing of it is left then. */
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

/** How often it is looked whether what was let go is gone: for some seconds. The other side takes a moment to see it. */
const LOOKS = 20_000;

/** What an earlier store held may go meanwhile. */
async function isHeld(subject: StoreSubject, before: readonly string[]): Promise<void> {
  let more: readonly string[] = [];
  for (let looks = 0; looks < LOOKS; looks++) {
    more = without((await subject.held?.()) ?? [], before);
    if (more.length === 0) return;
  }
  assert.deepEqual(more, [], "a closed store has let go of everything");
}

/** Each as often as it is there more often. */
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

/** Reads records that are asked for in one turn. */
export function readAll(store: Store, ids: readonly string[]): Promise<readonly (Operation | undefined)[]> {
  return Promise.all(ids.map((id) => store.read(id)));
}

/** Reads one record; one that has ended as it is told and, after another commit, as it is kept: the same. */
export async function read(store: Store, { id }: Pick<Operation, "id">): Promise<Operation | undefined> {
  const told = await store.read(id);
  if (told === undefined || !isDone(told)) return told;
  await write(store, { verb: "purge", limit: 0 });
  const kept = await store.read(id);
  assert.deepEqual(kept, told);
  return kept;
}

/** Enough for `put`: what it brings in takes a place, and is blocked afterwards where it is to be. */
const ANY_NUMBER = { limit: LIMITS.parallelLimitMax, when: "queue" } as const;

/** Starts an operation; one with a key as the limit says. */
export function insertOf(
  operation: Operation,
  parallel: NonNullable<InsertCommand["parallel"]> = ANY_NUMBER,
): InsertCommand {
  return operation.parallelKey === null
    ? { verb: "insert", operation }
    : { verb: "insert", operation, parallel };
}

/**
 * Brings records into the store, whatever state they are in, by the verbs of the port alone. Those that have a key each
 * have one of their own: a replacement that ends one would unblock another.
 */
export async function put(store: Store, ...operations: readonly Operation[]): Promise<void> {
  const start = operations.map((operation) => insertOf(pending(operation)));
  await writeAll(store, start);
  await writeAll(
    store,
    operations.map((next) => ({ verb: "replace", next, expectedRevision: 1 }) as const),
  );
}

/** The record as it was when it was started. */
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

/** The record after the event, which must be a legal one. */
export function after(operation: Operation, event: Event): Operation {
  const { next, refused } = transition(operation, event);
  if (next === undefined) throw new Error(`the event ${event.type} was refused: ${refused}`);
  return next;
}

/** A record that is run by a worker until `leaseTime`. */
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

/** Collects what the store tells its listeners. */
export function listen(store: Store): (readonly Change[])[] {
  const heard: (readonly Change[])[] = [];
  store.watch((changes) => void heard.push(changes));
  return heard;
}
