import { LIMITS } from "../core/limits.ts";
import type { Tell } from "../core/events.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Store } from "../core/ports/store.ts";
import type { Service } from "./service.ts";
import { Loop } from "./sweep/loop.ts";

/** The kind of resource for a paused method. Its name is the method's. */
const KIND = "paused-method";

/** The parts of {@link Pauses}. */
export interface PausesParts {
  readonly store: Pick<Store, "resources" | "pollMs" | "time">;
  readonly clock: Clock;
  readonly tell: Tell;
}

/**
 * The methods that operators have paused: no process begins new attempts of them. Running attempts
 * continue, and callers can still start operations.
 *
 * The store holds the pauses. With several processes, each process that runs handlers reads them
 * every second, together with the sweep. While the store is unreachable, the last known pauses
 * apply.
 */
export class Pauses implements Service {
  readonly #parts: PausesParts;
  readonly #loop: Loop | undefined;
  #paused: ReadonlyMap<string, number> = new Map();
  readonly #listeners: ((paused: ReadonlySet<string>) => void)[] = [];
  #started = false;
  /** The number of changes by this process: a read that began before one of them is out of date. */
  #changes = 0;

  constructor(parts: PausesParts) {
    this.#parts = parts;
    if (parts.store.pollMs !== null) {
      const look = async (): Promise<number> => {
        await this.look();
        return LIMITS.sweepIntervalMs;
      };
      this.#loop = new Loop({ ...parts, task: { name: "paused methods", run: look } });
    }
  }

  /** The paused methods known here, each with the time of its pause. */
  get paused(): ReadonlyMap<string, number> {
    return this.#paused;
  }

  /**
   * Calls the listener with the paused methods, now and after every change. For code that runs
   * handlers or hands out operations.
   */
  watch(listener: (paused: ReadonlySet<string>) => void): void {
    this.#listeners.push(listener);
    listener(new Set(this.#paused.keys()));
  }

  /** {@link look} must have finished once before, so that no attempt of a paused method begins. */
  start(): void {
    if (!this.#started) this.#loop?.start();
    this.#started = true;
  }

  async stop(): Promise<void> {
    await this.#loop?.stop();
  }

  /** Reads the paused methods. @throws {StatusError} UNAVAILABLE */
  async look(): Promise<ReadonlyMap<string, number>> {
    const changes = this.#changes;
    const resources = await this.#parts.store.resources.list(KIND, LIMITS.pausedMethodsMax);
    if (changes === this.#changes)
      this.#take(new Map(resources.map(({ name, value }) => [name, timeOf(value)])));
    return this.#paused;
  }

  /**
   * Pauses a method. A paused method keeps the time of its pause. Other processes know within two
   * seconds.
   *
   * @throws {StatusError} UNAVAILABLE; the method may or may not be paused then
   */
  async pause(method: string): Promise<void> {
    const { store, tell } = this.#parts;
    const time = store.time();
    const value = JSON.stringify({ time });
    const revision = await store.resources.put({ kind: KIND, name: method, dueTime: null, value }, null);
    this.#changes++;
    if (revision === undefined) return void (await this.look());
    this.#take(new Map([...this.#paused, [method, time]]));
    tell["method.paused"]?.({ method });
  }

  /**
   * Ends a pause, if there is one. @throws {StatusError} UNAVAILABLE; the method may or may not be
   * paused then
   */
  async resume(method: string): Promise<void> {
    const { store, tell } = this.#parts;
    const isRemoved = await store.resources.remove(KIND, method);
    this.#changes++;
    this.#take(new Map([...this.#paused].filter(([each]) => each !== method)));
    if (isRemoved) tell["method.resumed"]?.({ method });
  }

  #take(paused: ReadonlyMap<string, number>): void {
    const isSame =
      paused.size === this.#paused.size && [...paused.keys()].every((each) => this.#paused.has(each));
    this.#paused = paused;
    if (!isSame) for (const listener of this.#listeners) listener(new Set(paused.keys()));
  }
}

function timeOf(value: string): number {
  const { time } = JSON.parse(value) as { readonly time?: unknown };
  return typeof time === "number" ? time : 0;
}
