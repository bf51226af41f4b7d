import { ANONYMOUS } from "../../core/caller.ts";
import type { Method } from "../../core/method/method.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Store } from "../../core/ports/store.ts";
import type { WorkerPort } from "../../core/ports/worker-port.ts";
import { Teller } from "../../core/teller.ts";
import { renewByCalls } from "../../assembly/open-worker-renewals.ts";
import { Keeper } from "../../store/leases/keeper.ts";
import { Renewals } from "../../store/leases/renewals.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { openTestEngine, type TestEngine } from "../../testing/test-engine.ts";
import { Events } from "../test-worker.suite.ts";
import { Worker } from "../worker.ts";
import { PollLoop } from "./poll-loop.ts";
import { RemotePort } from "./remote-port.ts";
import { TestServer } from "./remote-server.suite.ts";

/** The options of a test's worker. */
export interface RemoteWorkerOptions {
  readonly leaseMs?: number;
  readonly concurrency?: number;
  readonly pollMs?: number;
}

/** A worker without the store, its server, and their common clock. */
export interface RemoteWorld extends AsyncDisposable {
  readonly worker: Worker;
  readonly server: TestServer;
  readonly engine: TestEngine["engine"];
  readonly store: Store;
  readonly clock: ManualClock;
  readonly events: Events;
  /** The results of workers' first claims. */
  readonly began: unknown[];
  start(method: Method, request?: unknown): Promise<Operation>;
  read(operation: Operation): Promise<Operation>;
  another(options?: RemoteWorkerOptions): Worker;
}

/** Opens a world. The worker is not started yet. */
export async function openRemoteWorld(
  methods: readonly Method[],
  options: RemoteWorkerOptions & { readonly goesOn?: (error: unknown) => boolean } = {},
): Promise<RemoteWorld> {
  const clock = new ManualClock();
  const made = Promise.withResolvers<WorkerPort>();
  const opened = await openTestEngine(methods, {
    clock,
    claimant: (port) => (made.resolve(port), undefined),
  });
  const server = new TestServer(opened, await made.promise);
  const named = new Map(methods.map((method) => [method.name, method]));
  const teller = new Teller();
  const events = new Events();
  teller.watch(events.listener);
  const { tell } = teller;
  const began: unknown[] = [];
  const { goesOn = () => true } = options;
  const workers: Worker[] = [];
  const keepers: Keeper[] = [];
  const told = (error?: unknown): boolean => {
    began.push(error);
    return error === undefined || goesOn(error);
  };
  const make = ({ leaseMs = 30_000, concurrency = 4, pollMs = 30_000 }: RemoteWorkerOptions): Worker => {
    const random = seededRandom(workers.length + 1);
    const renew = renewByCalls(server, ignore);
    const keeper = new Keeper({ tell, renewals: (hear) => new Renewals({ clock, renew, hear }) });
    const attempts = new RemotePort({ calls: server, clock, keeper, leaseMs, parent: "", version: "1.4.2" });
    const name = `remote-${workers.length + 1}`;
    const common = { attempts, methods: named, clock, random, tell, name, concurrency, leaseMs };
    const worker = new Worker({
      ...common,
      claims: (parts) => new PollLoop({ ...parts, pollMs, began: told }),
    });
    workers.push(worker);
    keepers.push(keeper);
    return worker;
  };
  const worker = make(options);
  return {
    ...opened,
    worker,
    server,
    clock,
    events,
    began,
    start: (method, request = {}) =>
      opened.engine.operations.start(ANONYMOUS, { method: method.name, request }),
    read: async (operation) => (await opened.store.read(operation.id)) ?? operation,
    another: (parts = {}) => make({ ...options, ...parts }),
    [Symbol.asyncDispose]: async () => {
      server.pass = () => Promise.resolve();
      const stopped = Promise.all(workers.map((each) => each.stop({ drainMs: 0 })));
      await clock.advance(60_000);
      await stopped;
      for (const keeper of keepers) keeper.stop();
      await clock.advance(60_000);
      await opened[Symbol.asyncDispose]();
    },
  };
}

function ignore(): void {}
