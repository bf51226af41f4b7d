import { ANONYMOUS } from "../core/caller.ts";
import { logEvents, tellLog } from "../core/event-log.ts";
import type { EventName } from "../core/events.ts";
import { Teller, type Told } from "../core/teller.ts";
import type { WorkerPort } from "../core/ports/worker-port.ts";
import type { Log, LogFields } from "../core/ports/log.ts";
import type { Method } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Store } from "../core/ports/store.ts";
import type { Engine } from "../engine/engine.ts";
import { HeldCalls, type Pass } from "../testing/held-calls.suite.ts";
import { assertNothingLeft, countListeners } from "../testing/left-behind.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { Worker, type WorkerParts } from "./worker.ts";

/** The calls of a worker that a test can count and break. */
type Verb = "claim" | "report" | "complete" | "fail" | "release";

type HandingOver = WorkerPort & { readonly handOver: WorkerPort["report"] };

/** The real engine's port, with faults from the test. */
export class BrokenAttempts implements WorkerPort {
  /** The number of calls by verb. */
  readonly calls: Record<Verb, number> = { claim: 0, report: 0, complete: 0, fail: 0, release: 0 };
  /** May throw instead of calling the engine. */
  fault: (verb: Verb) => void = () => {};
  /** Holds calls and answers as long as a test wants. */
  readonly held = new HeldCalls();
  /** Called at the beginning and the end of every call. */
  pass: Pass = this.held.pass;
  /** The number of unanswered calls. */
  underWay = 0;
  readonly keeper: WorkerPort["keeper"];
  readonly pollMs = null;
  readonly #real: HandingOver;

  constructor(real: HandingOver) {
    this.#real = real;
    this.keeper = real.keeper;
  }

  claim: WorkerPort["claim"] = (...args) => this.#call("claim", () => this.#real.claim(...args));
  report: WorkerPort["report"] = (...args) => this.#call("report", () => this.#real.report(...args));
  handOver: WorkerPort["report"] = (...args) => this.#call("report", () => this.#real.handOver(...args));
  complete: WorkerPort["complete"] = (...args) => this.#call("complete", () => this.#real.complete(...args));
  fail: WorkerPort["fail"] = (...args) => this.#call("fail", () => this.#real.fail(...args));
  release: WorkerPort["release"] = (...args) => this.#call("release", () => this.#real.release(...args));
  watch: WorkerPort["watch"] = (listener) => this.#real.watch(listener);
  time: WorkerPort["time"] = () => this.#real.time();
  /** The methods whose hints the worker passed on. */
  readonly handedOn: string[] = [];
  handOn: WorkerPort["handOn"] = (method) => void this.handedOn.push(method);

  async #call<Answer>(verb: Verb, call: () => Promise<Answer>): Promise<Answer> {
    this.calls[verb]++;
    this.fault(verb);
    this.underWay++;
    try {
      await this.pass(verb, "call");
      const answer = await call();
      await this.pass(verb, "answer");
      return answer;
    } finally {
      this.underWay--;
    }
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

  /** Resolves once an event has occurred `count` times since the beginning. */
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

/** A worker with the real engine and a store in memory, on a ManualClock. */
export interface TestWorker extends AsyncDisposable {
  readonly worker: Worker;
  readonly engine: Engine;
  readonly clock: ManualClock;
  readonly attempts: BrokenAttempts;
  readonly events: Events;
  readonly logged: { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  readonly store: Store;
  /** The worker's current use of its port. */
  left(): Left;
  /** Starts an operation. */
  start(method: Method, request?: unknown): Promise<Operation>;
  /** The record as the store has it. */
  read(operation: Operation): Promise<Operation>;
  /** Opens another worker on the same engine. */
  another(parts?: Partial<WorkerParts>): Worker;
}

/**
 * Opens a test worker. The worker is not started yet. At the end it is stopped, and the test fails
 * if slots, leases, listeners or timers are left.
 *
 * @param options.claimant whether starts are passed to the worker directly (start-and-claim).
 * @default false
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
  const named = new Map(methods.map((method) => [method.name, method]));
  const teller = new Teller();
  logEvents(teller, log);
  const events = new Events();
  teller.watch(events.listener);
  const { tell } = teller;
  const { claimant = false, ...given } = options;
  const made = Promise.withResolvers<{ worker: Worker; attempts: BrokenAttempts; left: () => Left }>();
  const opened = await openTestEngine(methods, {
    clock,
    tell,
    claimant: (real) => {
      const attempts = new BrokenAttempts(real);
      const left = countLeft(attempts);
      const common = { attempts, methods: named, clock, random, tell, name: "worker-1" };
      const worker = new Worker({ ...common, ...given });
      made.resolve({ worker, attempts, left });
      return claimant ? worker : undefined;
    },
  });
  const { engine, store } = opened;
  const { worker, attempts, left } = await made.promise;
  const workers = [worker];
  const reserved = countReserved(worker);
  return {
    worker,
    engine,
    store,
    clock,
    attempts,
    events,
    logged,
    left,
    start: (method, request = {}) => engine.operations.start(ANONYMOUS, { method: method.name, request }),
    read: async (operation) => (await store.read(operation.id)) ?? operation,
    another: (parts = {}) => {
      const common = { attempts, methods: named, clock, random, tell: tellLog(log) };
      const another = new Worker({ ...common, name: "worker-2", ...parts });
      workers.push(another);
      return another;
    },
    [Symbol.asyncDispose]: async () => {
      const stopped = Promise.all(workers.map((each) => each.stop({ drainMs: 0 })));
      await clock.advance(10_000);
      await stopped;
      await opened[Symbol.asyncDispose]();
      // Attempts whose last write was not answered keep their slots.
      const isStuck = attempts.underWay > 0;
      const slots = workers.reduce((sum, { running }) => sum + running, 0) - reserved();
      assertNothingLeft({ ...left(), slots: isStuck ? 0 : slots });
    },
  };
}

/** The resources that a worker takes from its port, and returns when it stops. */
type Left = Readonly<Record<"listeners" | "listeners of the keeper" | "leases kept", number>>;

function countLeft(attempts: BrokenAttempts): () => Left {
  const { keeper } = attempts;
  const kept = new Set<string>();
  const counted: WorkerPort["keeper"] = {
    keep: (lease, leaseMs) => {
      kept.add(`${lease.id} ${lease.attempt}`);
      keeper.keep(lease, leaseMs);
    },
    letGo: (lease) => {
      kept.delete(`${lease.id} ${lease.attempt}`);
      keeper.letGo(lease);
    },
    renewedAt: (lease) => keeper.renewedAt(lease),
    watch: (listener) => keeper.watch(listener),
  };
  Object.assign(attempts, { keeper: counted });
  const listeners = countListeners(attempts);
  const keepers = countListeners(counted);
  return () => ({
    listeners: listeners(),
    "listeners of the keeper": keepers(),
    "leases kept": kept.size,
  });
}

/** Counts the slots that starts have reserved and not returned. */
function countReserved(worker: Worker): () => number {
  const reserve = worker.reserve.bind(worker);
  let count = 0;
  worker.reserve = (method) => {
    const reservation = reserve(method);
    if (reservation === undefined) return undefined;
    count++;
    return {
      ...reservation,
      run: (...given) => {
        count--;
        reservation.run(...given);
      },
      cancel: () => {
        count--;
        reservation.cancel();
      },
    };
  };
  return () => count;
}
