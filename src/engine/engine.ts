import type { Claimant } from "../core/ports/worker-port.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Tell } from "../core/events.ts";
import type { Method } from "../core/method/method.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import type { Random } from "../core/ports/random.ts";
import type { AttemptWrites } from "./attempt-writes.ts";
import { LiveCounts } from "./statistics/live-counts.ts";
import { type ReportedProcess, Reporting } from "./statistics/reporting.ts";
import { Beginnings } from "./waiting/beginnings.ts";
import { Operations } from "./operations.ts";
import { verbsOf } from "../core/filter/verbs.ts";
import { Admin } from "./admin/admin.ts";
import type { BuiltIns } from "./admin/built-in.ts";
import { Bulks } from "./admin/bulks.ts";
import type { AdminPorts, ServerFacts } from "./admin/session.ts";
import { Pauses } from "./pauses.ts";
import { Chain, type Policy } from "./policy.ts";
import { toldCalls } from "./told-calls.ts";
import type { Service } from "./service.ts";
import { UseCases } from "./use-cases.ts";
import { Sweep } from "./sweep/sweep.ts";
import { Seats } from "./waiting/seats.ts";
import { WaiterPolls } from "./waiting/waiter-polls.ts";
import { Waiters } from "./waiting/waiters.ts";
import { Watching } from "./watching/watching.ts";
import { RemoteWorkers } from "./workers/remote-workers.ts";

/** The parts of an engine. */
export interface EngineParts {
  /** The writes of attempts, with their records. */
  readonly attempts: AttemptWrites;
  /** Takes starts straight into a worker of this process, if there is one. */
  readonly claimant?: Claimant | undefined;
  readonly methods: ReadonlyMap<string, Method>;
  /** Built-in methods of the service. @default none */
  readonly builtIns?: BuiltIns | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly tell: Tell;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
  /** @default no tracing */
  readonly tracing?: Tracing | undefined;
  /** The ports of the chain. An omitted port allows everything. @default no ports */
  readonly policy?: Partial<Policy> | undefined;
  /**
   * The facts that this process reports about itself. Without them, and without a tally, it reports
   * nothing.
   */
  readonly process?: ReportedProcess | undefined;
}

/** Connects the use cases, the chain around them, and the sweep over one store. */
export class Engine implements Service {
  readonly operations: Operations;
  /** For workers without the store. */
  readonly workers: RemoteWorkers;
  readonly attempts: AttemptWrites;
  /** Public for tests, which run it by hand. */
  readonly sweep: Sweep;
  /** Started by the code that runs handlers. */
  readonly pauses: Pauses;
  readonly liveCounts: LiveCounts;
  /** Undefined without ports and listeners. */
  readonly chain: Chain | undefined;
  readonly #reporting: Reporting | undefined;
  readonly #polls: WaiterPolls;
  readonly #unwatch: () => void;
  readonly #newAdmin: (server: ServerFacts, ports: AdminPorts) => Admin;

  constructor(parts: EngineParts) {
    const { attempts, claimant, methods, clock, random, tell, domain } = parts;
    const { records, pollIntervals } = attempts;
    const { store } = records;
    this.attempts = attempts;
    const seats = new Seats();
    const waiters = new Waiters({ clock, tell, seats });
    const watching = new Watching({ store, seats, verbs: verbsOf(methods) });
    const beginnings = new Beginnings({ store });
    const { builtIns } = parts;
    // Without ports and listeners, calls skip the chain.
    const isObserved = parts.policy !== undefined || tell["call.ended"] !== undefined;
    const policy = { observer: toldCalls(tell), ...parts.policy };
    const chain = isObserved ? new Chain(policy, clock) : undefined;
    this.chain = chain;
    this.pauses = new Pauses({ store, clock, tell });
    this.workers = new RemoteWorkers({ ...parts, claimant, chain, pauses: this.pauses });
    const useCases = new UseCases({
      methods,
      builtIns: builtIns?.methods,
      records,
      waiters,
      watching,
      beginnings,
      pollIntervals,
      clock,
      random,
      domain,
      claimant: this.workers,
      tracing: parts.tracing,
    });
    this.operations = new Operations(useCases, chain);
    const bulks = new Bulks({ useCases, store, clock, verbs: verbsOf(methods) });
    builtIns?.bind(bulks);
    this.#newAdmin = (server, ports) => {
      const { pauses, liveCounts } = this;
      const own = { builtIns: builtIns?.methods, bulks, pauses, liveCounts };
      return new Admin({ useCases, chain, store, clock, random, server, ...ports, ...own });
    };
    this.sweep = new Sweep({ records, methods, clock, random, tell, domain });
    this.liveCounts = new LiveCounts({ store, clock });
    const [{ tally }, { callers }] = [records, this.workers];
    if (tally !== undefined && parts.process !== undefined)
      this.#reporting = new Reporting({ store, tally, process: parts.process, callers, clock, tell });
    this.#polls = new WaiterPolls({ store, waiters, watching, clock });
    this.#unwatch = store.watch((changes) => {
      beginnings.notice(changes);
      waiters.notice(changes);
      watching.notice(changes);
    });
  }

  /** The operators' use cases. */
  admin(server: ServerFacts, ports: AdminPorts): Admin {
    return this.#newAdmin(server, ports);
  }

  start(): void {
    this.sweep.start();
    this.#polls.start();
    this.#reporting?.start();
  }

  async stop(): Promise<void> {
    this.operations.stop();
    this.workers.stop();
    await Promise.all([this.sweep.stop(), this.#polls.stop(), this.pauses.stop()]);
    await this.#reporting?.stop();
    this.operations.end();
    this.#unwatch();
  }
}
