import { LIMITS } from "../core/limits.ts";
import type { AttemptFacts } from "../core/ports/worker-port.ts";
import { DELIVER_METHOD } from "../engine/admin/built-in.ts";
import { Worker, type WorkerParts } from "../worker/worker.ts";

/**
 * The workers of this process: one for users' methods, and one for deliveries if there are
 * webhooks, so that deliveries that wait for other servers take no slots from users' methods.
 */
export class Workers {
  readonly forUsers: Worker;
  readonly #all: readonly Worker[];

  /** @param parts the parts of the worker for users' methods, but with all methods */
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

  /** Starts to claim. */
  start(): void {
    for (const each of this.#all) each.start();
  }

  /** Begins no new attempts of these methods. */
  pause(methods: ReadonlySet<string>): void {
    for (const each of this.#all) each.pause(methods);
  }

  /** As {@link Worker.stop}. */
  async stop(options: { readonly drainMs: number }): Promise<void> {
    await Promise.all(this.#all.map((each) => each.stop(options)));
  }

  /** Distinguishes its claims from all others. */
  get name(): string {
    return this.forUsers.name;
  }

  /** The number of users' handlers that are running. */
  get running(): number {
    return this.forUsers.running;
  }

  /** Handlers that did not stop when told to. */
  get abandoned(): readonly AttemptFacts[] {
    return this.#all.flatMap(({ abandoned }) => abandoned);
  }
}
