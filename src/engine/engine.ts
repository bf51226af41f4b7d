import type { Claimant } from "../core/ports/worker-port.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Method } from "../core/method/method.ts";
import type { Random } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { EngineAttempts } from "./attempt-writes.ts";
import { Beginnings } from "./beginnings.ts";
import { Operations } from "./operations.ts";
import { PollIntervals } from "./poll-intervals.ts";
import { Records } from "./records.ts";
import type { Service } from "./service.ts";
import { Sweep } from "./sweep/sweep.ts";
import { WaiterPolls } from "./waiter-polls.ts";
import { Waiters } from "./waiters.ts";

/** What an engine is made with. */
export interface EngineParts {
  readonly store: Store;
  readonly methods: ReadonlyMap<string, Method>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The service's name, for the ErrorInfo of operations' errors. */
  readonly domain: string;
  /** Makes the worker of this process, if there is to be one, from what the engine offers to workers. */
  readonly claimant?: ((attempts: EngineAttempts) => Claimant | undefined) | undefined;
}

/** The use cases, what they need, and the sweep, put together over one store. */
export class Engine implements Service {
  readonly operations: Operations;
  readonly attempts: EngineAttempts;
  /** Public for tests, which turn it by hand. */
  readonly sweep: Sweep;
  readonly #records: Records;
  readonly #polls: WaiterPolls;
  readonly #unwatch: () => void;

  constructor(parts: EngineParts) {
    const { store, methods, clock, random, log, domain } = parts;
    const waiters = new Waiters({ clock });
    const beginnings = new Beginnings({ store });
    this.#records = new Records(store);
    const pollIntervals = new PollIntervals(() => store.time());
    this.attempts = new EngineAttempts(this.#records, domain, pollIntervals);
    const claimant = parts.claimant?.(this.attempts);
    this.operations = new Operations({
      methods,
      records: this.#records,
      waiters,
      beginnings,
      pollIntervals,
      clock,
      random,
      domain,
      claimant,
    });
    this.sweep = new Sweep({ records: this.#records, methods, clock, random, log, domain });
    this.#polls = new WaiterPolls({ store, waiters, clock });
    this.#unwatch = store.watch((changes) => {
      beginnings.notice(changes);
      waiters.notice(changes);
    });
  }

  start(): void {
    this.sweep.start();
    this.#polls.start();
  }

  async stop(): Promise<void> {
    this.operations.stop();
    await Promise.all([this.sweep.stop(), this.#polls.stop()]);
    this.#unwatch();
  }
}
