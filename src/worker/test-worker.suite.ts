import { DOMAIN_DEFAULT } from "../core/error/error.ts";
import { logEvents, tellLog } from "../core/event-log.ts";
import type { EventName } from "../core/events.ts";
import type { WorkerPort } from "../core/ports/worker-port.ts";
import { Teller, type Told } from "../core/teller.ts";
import type { Log, LogFields } from "../core/ports/log.ts";
import type { Method } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import { AttemptWrites } from "../engine/attempt-writes.ts";
import { Engine } from "../engine/engine.ts";
import { Records } from "../engine/records.ts";
import { openStore } from "../store/open.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { Worker, type WorkerParts } from "./worker.ts";

/** The calls of a worker that a test can count and break. */
type Verb = "claim" | "report" | "complete" | "fail" | "release";

/** The real engine's port, with its bad days. */
export class BrokenAttempts implements WorkerPort {
  /** How often each verb was called. */
  readonly calls: Record<Verb, number> = { claim: 0, report: 0, complete: 0, fail: 0, release: 0 };
  /** May throw in the engine's place; nothing is called then. */
  fault: (verb: Verb) => void = () => {};
  readonly keeper: WorkerPort["keeper"];
  readonly pollMs = null;
  readonly #real: WorkerPort;

  constructor(real: WorkerPort) {
    this.#real = real;
    this.keeper = real.keeper;
  }

  claim: WorkerPort["claim"] = (...args) => this.#call("claim", () => this.#real.claim(...args));
  report: WorkerPort["report"] = (...args) => this.#call("report", () => this.#real.report(...args));
  complete: WorkerPort["complete"] = (...args) => this.#call("complete", () => this.#real.complete(...args));
  fail: WorkerPort["fail"] = (...args) => this.#call("fail", () => this.#real.fail(...args));
  release: WorkerPort["release"] = (...args) => this.#call("release", () => this.#real.release(...args));
  watch: WorkerPort["watch"] = (listener) => this.#real.watch(listener);
  time: WorkerPort["time"] = () => this.#real.time();

  async #call<Answer>(verb: Verb, call: () => Promise<Answer>): Promise<Answer> {
    this.calls[verb]++;
    this.fault(verb);
    return call();
  }
}

/** Collects events, and lets a test wait for one. */
export class Events {
  readonly all: Told[] = [];
  #waiting: { readonly name: EventName; readonly count: number; readonly resolve: () => void }[] = [];

  listener = (...told: Told): void => {
    this.all.push(told);
    this.#waiting = this.#waiting.filter((each) => {
      if (this.count(each.name) < each.count) return true;
      each.resolve();
      return false;
    });
  };

  count(name: EventName): number {
    return this.all.filter(([each]) => each === name).length;
  }

  /** Resolves once an event has come `count` times since the beginning. */
  until(name: EventName, count = 1): Promise<void> {
    if (this.count(name) >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ name, count, resolve });
    });
  }

  /** How the attempts ended, in order. */
  get endings(): readonly string[] {
    return this.all.flatMap(([name, fields]) => (name === "attempt.ended" ? [fields.how] : []));
  }
}

/** A worker over the real engine and a store in memory, on a clock that the test turns. */
export interface TestWorker extends AsyncDisposable {
  readonly worker: Worker;
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly attempts: BrokenAttempts;
  readonly events: Events;
  readonly logged: { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  /** Starts an operation. */
  start(method: Method, request?: unknown): Promise<Operation>;
  /** The record as the store has it. */
  read(operation: Operation): Promise<Operation>;
  /** Opens another worker on the same engine. */
  another(parts?: Partial<WorkerParts>): Worker;
}

/**
 * Opens one. The worker is not started yet.
 *
 * @param options.claimant whether starts are handed to the worker directly (start-and-claim). @default false
 */
export async function openTestWorker(
  methods: readonly Method[],
  options: Partial<WorkerParts> & { readonly claimant?: boolean } = {},
): Promise<TestWorker> {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const logged: TestWorker["logged"] = [];
  const write =
    (level: string) =>
    (message: string, fields: LogFields = {}): void =>
      void logged.push({ level, message, fields });
  const log: Log = { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
  const teller = new Teller();
  logEvents(teller, log);
  const events = new Events();
  teller.watch(events.listener);
  const { tell } = teller;
  const store = await openStore("sqlite::memory:", { clock, random, tell });
  const named = new Map(methods.map((method) => [method.name, method]));
  const { claimant = false, ...given } = options;
  const writes = new AttemptWrites(new Records(store, tell), DOMAIN_DEFAULT);
  const attempts = new BrokenAttempts(writes);
  const common = { methods: named, clock, random, tell };
  const worker = new Worker({ ...common, attempts, name: "worker-1", ...given });
  const engine = new Engine({
    ...common,
    attempts: writes,
    claimant: claimant ? worker : undefined,
    domain: DOMAIN_DEFAULT,
  });
  return {
    worker,
    engine,
    clock,
    attempts,
    events,
    logged,
    start: (method, request = {}) => engine.operations.start({ method: method.name, request }),
    read: async (operation) => (await store.read(operation.id)) ?? operation,
    another: (parts = {}) =>
      new Worker({ ...common, attempts, tell: tellLog(log), name: "worker-2", ...parts }),
    [Symbol.asyncDispose]: async () => {
      const stopped = worker.stop({ drainMs: 0 });
      await clock.advance(10_000);
      await stopped;
      await engine.stop();
      await settled();
      await store.close();
    },
  };
}
