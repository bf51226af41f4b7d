import { LIMITS } from "../core/limits.ts";
import type { AttemptFacts } from "../core/ports/worker-port.ts";
import { DELIVER_METHOD } from "../engine/admin/built-in.ts";
import { Worker, type WorkerParts } from "../worker/worker.ts";

/**
 * What runs handlers in this process: the worker of users' methods, and where there are webhooks one of deliveries, which may
 * wait for others' servers and so take no slots from anybody.
 */
export class Workers {
  readonly forUsers: Worker;
  readonly #all: readonly Worker[];

  /** @param parts of the worker of users' methods, with the methods of all */
  constructor(parts: WorkerParts) {
    const { methods } = parts;
    const deliver = methods.get(DELIVER_METHOD);
    const others = new Map([...methods].filter(([name]) => name !== DELIVER_METHOD));
    this.forUsers = new Worker({ ...parts, methods: others });
    const deliveries = deliver === undefined ? [] : [new Map([[DELIVER_METHOD, deliver]])];
    const concurrency = LIMITS.webhooksAtOnce;
    this.#all = [
      this.forUsers,
      ...deliveries.map((each) => new Worker({ ...parts, methods: each, concurrency })),
    ];
  }

  /** Begins to claim. */
  start(): void {
    for (const each of this.#all) each.start();
  }

  /** No new attempts of these methods begin. */
  pause(methods: ReadonlySet<string>): void {
    for (const each of this.#all) each.pause(methods);
  }

  /** As {@link Worker.stop}. */
  async stop(options: { readonly drainMs: number }): Promise<void> {
    await Promise.all(this.#all.map((each) => each.stop(options)));
  }

  /** What claims are told by. */
  get name(): string {
    return this.forUsers.name;
  }

  /** Handlers of users that run now. */
  get running(): number {
    return this.forUsers.running;
  }

  /** Handlers that did not stop when they were told to. */
  get abandoned(): readonly AttemptFacts[] {
    return this.#all.flatMap(({ abandoned }) => abandoned);
  }
}
