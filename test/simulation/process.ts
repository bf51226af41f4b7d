import { DOMAIN_DEFAULT } from "../../src/core/error/error.ts";
import type { Tell } from "../../src/core/events.ts";
import type { Random } from "../../src/core/ports/random.ts";
import type { Change, Store } from "../../src/core/ports/store.ts";
import { AttemptWrites } from "../../src/engine/attempt-writes.ts";
import { Engine } from "../../src/engine/engine.ts";
import { Records } from "../../src/engine/records.ts";
import type { Method } from "../../src/core/method/method.ts";
import { countListeners } from "../../src/testing/left-behind.ts";
import { Worker } from "../../src/worker/worker.ts";
import type { Attempts } from "./attempts.ts";
import type { Life } from "./life.ts";
import { methodsWith } from "./methods.ts";
import type { Setting } from "./plan.ts";
import { openEmbedded } from "./embedded-store.ts";
import { SimulatedStore, type SimulatedStoreParts } from "./simulated-store.ts";

/** The inputs of a process. */
export interface ProcessParts extends Omit<SimulatedStoreParts, "tell"> {
  readonly setting: Setting;
  readonly random: Random;
  readonly attempts: Attempts;
  readonly run: Method["run"];
  readonly fail: (problem: string) => void;
}

/** A process: the real engine and the real worker, with a store of their own. */
export class Process {
  readonly life: Life;
  readonly store: Store;
  /** Listeners of the store that were not removed. */
  readonly #listeners: () => number;
  readonly engine: Engine;
  readonly worker: Worker;
  /** Whether it takes calls. */
  isOpen = false;

  constructor(parts: ProcessParts) {
    const { life, setting, random, attempts, fail } = parts;
    this.life = life;
    const tell: Tell = {
      "store.listener-failed": ({ error }) => fail(`a listener of the store throws: ${String(error)}`),
      "attempt.aborted": (facts) => attempts.aborted(life, facts),
      "attempt.crashed": ({ operation, error }) => {
        if (!life.isDead) fail(`an attempt of ${operation} crashes: ${String(error)}`);
      },
    };
    this.store =
      setting.store === "embedded"
        ? openEmbedded({ ...parts, tell })
        : new SimulatedStore({ ...parts, tell });
    this.#listeners = countListeners(this.store);
    const methods = methodsWith(parts.run);
    const writes = new AttemptWrites(new Records(this.store, tell), DOMAIN_DEFAULT);
    const common = { methods, clock: life, random, tell };
    this.worker = new Worker({
      ...common,
      attempts: writes,
      name: `worker-${life.name}`,
      concurrency: setting.concurrency,
      leaseMs: setting.leaseMs,
    });
    this.engine = new Engine({ ...common, attempts: writes, claimant: this.worker, domain: DOMAIN_DEFAULT });
  }

  async start(): Promise<void> {
    if (this.store instanceof SimulatedStore) await this.store.open();
    this.engine.start();
    this.worker.start();
    this.isOpen = true;
  }

  /** Like the stop of a service in `assembly/open.ts`. */
  async stop(drainMs: number): Promise<void> {
    this.isOpen = false;
    this.engine.operations.stop();
    await this.worker.stop({ drainMs });
    await this.engine.stop();
    await this.store.close();
    // A start that the store answered last gives its slot back in the turn after that.
    await new Promise<void>((resolve) => this.life.soon(resolve));
  }

  /** Receives a notice of another process. */
  hear(changes: readonly Change[]): void {
    if (this.store instanceof SimulatedStore) this.store.hear(changes);
  }

  /** Callers that count as waiting. */
  get waiting(): number {
    return this.engine.operations.waiting;
  }

  /** The resources that remain after the stop. */
  leaks(): readonly string[] {
    const counts = {
      waiters: this.waiting,
      slots: this.worker.running,
      listeners: this.#listeners(),
      timers: this.life.timers,
    };
    return Object.entries(counts).flatMap(([what, count]) => (count === 0 ? [] : [`${what}: ${count}`]));
  }
}
