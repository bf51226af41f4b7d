import type { Clock } from "../../core/ports/clock.ts";
import { StoreCheck } from "./store-check.ts";

/** What has to be well for a process to be sent calls. */
export const READY_CHECKS = ["store", "migrations", "draining"] as const;

/** One of {@link READY_CHECKS}. */
export type ReadyCheck = (typeof READY_CHECKS)[number];

/** What was found of one thing that has to be well. */
export interface Finding {
  readonly name: string;
  /** What is wrong, as a clause for everybody to read: no address, no text of others. Undefined where it is well. */
  readonly failure: string | undefined;
}

/**
 * Whether a process is to be sent calls. It is *starting* until its store is open and up to date, *open* from then on, and
 * *draining* from the moment at which it is told to stop. Those who bring these about tell it here; probes and the health
 * service of gRPC read it.
 */
export class Health {
  readonly #clock: Clock;
  readonly #listeners = new Set<() => void>();
  #step: Step = { store: "it is being opened", migrations: "the store is being opened" };
  #check: StoreCheck | undefined;
  #services: readonly string[] = [];
  #lost = false;
  #draining = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The store was reached, and a migration of it is under way. @param what such as `applying 0001-operations` */
  migrating(what: string): void {
    this.#step = { store: undefined, migrations: what };
  }

  /** The gRPC services that are called here: none before the store is open. */
  get services(): readonly string[] {
    return this.#services;
  }

  /**
   * The store is open, and its schema is that of this program.
   *
   * @param ask asks it something small
   * @param services the gRPC services that are called from now on
   */
  opened(ask: () => Promise<unknown>, services: readonly string[] = []): void {
    this.#step = { store: undefined, migrations: undefined };
    this.#check = new StoreCheck(ask, this.#clock);
    this.#services = services;
    this.#tell();
  }

  /** The store is gone for good. */
  lose(): void {
    this.#lost = true;
    this.#tell();
  }

  /** The process was told to stop, and serves no longer than it has to. Harmless when repeated. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#tell();
  }

  /** Is called whenever another answer may have come about without anybody asking the store. @returns ends that */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** How things are. What is left out is not looked at. */
  async findings(leftOut: ReadonlySet<string> = NONE): Promise<readonly Finding[]> {
    const names = READY_CHECKS.filter((name) => !leftOut.has(name));
    return Promise.all(names.map(async (name) => ({ name, failure: await this.#failureOf(name) })));
  }

  /** Whether all is well. */
  async isReady(): Promise<boolean> {
    if (this.#check === undefined || !this.#isOpen) return false;
    const failure = await this.#check.failure();
    // It may have been told to stop meanwhile.
    return failure === undefined && this.#isOpen;
  }

  get #isOpen(): boolean {
    return !this.#draining && !this.#lost;
  }

  #failureOf(name: ReadyCheck): Promise<string | undefined> | string | undefined {
    if (name === "migrations") return this.#step.migrations;
    if (name === "draining") return this.#draining ? "the server is stopping" : undefined;
    if (this.#lost) return "it is gone for good";
    return this.#check === undefined ? this.#step.store : this.#check.failure();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

/** What is wrong while a process starts. */
type Step = Readonly<Record<"store" | "migrations", string | undefined>>;

const NONE: ReadonlySet<string> = new Set();
