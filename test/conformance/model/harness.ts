import assert from "node:assert/strict";
import { ANONYMOUS } from "../../../src/core/caller.ts";
import type { Claimant } from "../../../src/core/ports/worker-port.ts";
import { DOMAIN_DEFAULT, StatusError } from "../../../src/core/error/error.ts";
import { silence } from "../../../src/core/events.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { defineMethod, type Method } from "../../../src/core/method/method.ts";
import { formatName } from "../../../src/core/operation/name.ts";
import type { Operation } from "../../../src/core/operation/operation.ts";
import type { Random } from "../../../src/core/ports/random.ts";
import type { Schema } from "../../../src/core/method/schema.ts";
import type { Store } from "../../../src/core/ports/store.ts";
import { AttemptWrites } from "../../../src/engine/attempt-writes.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { Records } from "../../../src/engine/records.ts";
import { openStore } from "../../../src/store/open.ts";
import { PostgresStore } from "../../../src/store/postgres/store.ts";
import { ManualClock, settled } from "../../../src/testing/manual-clock.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";
import type { Oracle } from "./oracle.ts";
import { expectedOf } from "./record.ts";

/** A request with a directory is valid. */
const REQUEST: Schema = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate: (value) =>
      Object.hasOwn(value as object, "directory") ? { value } : { issues: [{ message: "no directory" }] },
  },
};

/** Keys by directory. */
const byDirectory = (request: unknown): string => (request as { readonly directory: string }).directory;

/**
 * Two methods that differ in every setting that the engine reads, and two with limits. Those with
 * limits have no deadlines, because it is unspecified which of several operations that end in one
 * round of the sweep is unblocked before it ends.
 */
export const METHODS: readonly Method[] = [
  defineMethod({
    name: "pack",
    request: REQUEST,
    retry: { attempts: 3, initialDelay: "10s", multiplier: 2, maxDelay: "15s" },
    timeToLive: { default: "1m", min: "1s", max: "10m" },
    run: () => {},
  }),
  defineMethod({
    name: "clean",
    request: REQUEST,
    retry: { attempts: 1, initialDelay: "1s" },
    deadline: "2m",
    timeToLive: { default: "30s" },
    run: () => {},
  }),
  defineMethod({
    name: "scan",
    request: REQUEST,
    retry: { attempts: 3, initialDelay: "10s", multiplier: 2, maxDelay: "15s" },
    timeToLive: { default: "1m", min: "1s", max: "10m" },
    parallel: { key: byDirectory, when: "queue" },
    run: () => {},
  }),
  defineMethod({
    name: "mend",
    request: REQUEST,
    retry: { attempts: 1, initialDelay: "1s" },
    timeToLive: { default: "30s" },
    parallel: { limit: 2, when: "reject" },
    run: () => {},
  }),
] as readonly Method[];

/**
 * The delay after a failed attempt of `pack` and `scan`, which use different ones, if the random
 * value is always 0.5.
 */
export function retryMs(failedAttempts: number): number {
  return failedAttempts === 1 ? 7_500 : 11_250;
}

/** A caller in Wait. */
interface Waiting {
  readonly id: string;
  /** On the monotonic clock. */
  readonly dueMs: number;
  /** Its answer, once it has one. */
  answer: Operation | StatusError | undefined;
}

/** The engine, and what callers and workers remember. */
export class Harness {
  readonly clock = new ManualClock();
  readonly address: string;
  /** The records that workers got with their attempts, both current and lost ones. */
  readonly holdings: Operation[] = [];
  /** Every id that ever existed, and one that never existed. */
  readonly ids: { readonly id: string; readonly parent: string }[] = [
    { id: "01999999-0000-7000-8000-000000000000", parent: "" },
  ];
  /** Set if the next start should find a free worker. */
  slot: { readonly worker: string; readonly leaseMs: number } | undefined;
  waiting: Waiting[] = [];
  #opened: { readonly engine: Engine; readonly store: Store } | undefined;
  #seed = 1;

  constructor(address: string) {
    this.address = address;
  }

  get engine(): Engine {
    return this.#current.engine;
  }

  get store(): Store {
    return this.#current.store;
  }

  /** Opens the store, empty or as it was left, with an engine that does nothing by itself. */
  async open(): Promise<void> {
    const seeded = seededRandom(this.#seed++);
    const random: Random = { fraction: () => 0.5, bytes: (length) => seeded.bytes(length) };
    const store = await openStore(this.address, { clock: this.clock, random });
    const engine = new Engine({
      attempts: new AttemptWrites(new Records(store, silence), DOMAIN_DEFAULT),
      claimant: this.#claimant(),
      methods: new Map(METHODS.map((method) => [method.name, method])),
      clock: this.clock,
      random,
      tell: silence,
      domain: DOMAIN_DEFAULT,
    });
    this.#opened = { engine, store };
    // The store's clock is the highest time that it was asked for; from here on it stands still.
    store.time();
  }

  async close(): Promise<void> {
    await this.engine.stop();
    await this.#quiet();
    await this.store.close();
  }

  /**
   * Advances both clocks in steps, and lets the store answer after each: a call may wait for the
   * store for a limited time only, and the clock of a test is faster than any store.
   */
  async advance(ms: number): Promise<void> {
    const stepMs = LIMITS.answerMsMax / 2;
    for (let leftMs = ms; leftMs > 0; leftMs -= stepMs) {
      await this.clock.advance(Math.min(leftMs, stepMs));
      await this.#quiet();
    }
  }

  /** Begins a Wait call without waiting for it. */
  wait(name: string, id: string, timeoutMs: number): void {
    const waiting: Waiting = { id, dueMs: this.clock.monotonic() + timeoutMs, answer: undefined };
    this.waiting.push(waiting);
    this.engine.operations.wait(ANONYMOUS, name, { timeoutMs }).then(
      (operation) => (waiting.answer = operation),
      (error: unknown) => (waiting.answer = error as StatusError),
    );
  }

  /**
   * Checks that every record is as expected, and that every caller in Wait was answered exactly if
   * there was a reason.
   */
  async check(oracle: Oracle, stopped = false): Promise<void> {
    await this.#quiet();
    for (const waiting of this.waiting) this.#checkWaiting(waiting, oracle, stopped);
    this.waiting = this.waiting.filter(({ answer }) => answer === undefined);
    if (stopped) return;
    const records = await Promise.all(this.ids.map(({ id }) => this.store.read(id)));
    for (const [index, { id }] of this.ids.entries()) {
      const expected = oracle.kept.get(id);
      const record = records[index];
      assert.deepEqual(record === undefined ? undefined : expectedOf(record), expected);
    }
  }

  /** Resolves when nothing is in progress any more, including consequences. */
  async #quiet(): Promise<void> {
    const { store } = this;
    await settled(2);
    if (!(store instanceof PostgresStore)) return;
    for (let round = 0; round < 3; round++) {
      await store.idle();
      await settled(2);
    }
  }

  #checkWaiting({ id, dueMs, answer }: Waiting, oracle: Oracle, stopped: boolean): void {
    const expected = oracle.kept.get(id);
    const ended = expected === undefined || expected.endTime !== null;
    if (!stopped && !ended && dueMs > this.clock.monotonic()) assert.equal(answer, undefined);
    else if (expected !== undefined) assert.deepEqual(expectedOf(answer as Operation), expected);
    else assert.ok(oracle.refusals(id).includes((answer as StatusError).reason ?? ""));
  }

  get #current(): { readonly engine: Engine; readonly store: Store } {
    assert.ok(this.#opened !== undefined);
    return this.#opened;
  }

  #claimant(): Claimant {
    return {
      reserve: () => {
        const { slot } = this;
        this.slot = undefined;
        if (slot === undefined) return undefined;
        return { ...slot, run: (operation) => void this.holdings.push(operation), cancel: () => {} };
      },
    };
  }
}

/** The name of an operation. */
export const nameOf = formatName;

/** The reason of a call's refusal; undefined if it is not refused. */
export async function refusalOf(call: Promise<unknown>): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    if (error instanceof StatusError) return error.reason ?? error.code;
    throw error;
  }
}
