import type { Clock } from "../../core/ports/clock.ts";
import { StoreCheck } from "./store-check.ts";

/** The conditions for a process to receive calls. */
export const READY_CHECKS = ["store", "migrations", "draining"] as const;

/** One of {@link READY_CHECKS}. */
export type ReadyCheck = (typeof READY_CHECKS)[number];

/** The result of one check. */
export interface Finding {
  readonly name: string;
  /**
   * The failure as a clause that everybody may read: without addresses or texts of other systems.
   * Undefined for success.
   */
  readonly failure: string | undefined;
}

/**
 * Whether a process should receive calls. It is *starting* until its store is open and up to date,
 * then *open*, and *draining* from the moment at which it is told to stop. Other parts report these
 * changes here; probes and the health service of gRPC read them.
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

  /**
   * The store was reached, and a migration is in progress. @param what such as `applying
   * 0001-operations`
   */
  migrating(what: string): void {
    this.#step = { store: undefined, migrations: what };
  }

  /** The gRPC services served here: none before the store is open. */
  get services(): readonly string[] {
    return this.#services;
  }

  /**
   * The store is open, and its schema fits this version.
   *
   * @param ask runs a small query
   * @param services the gRPC services that are served from now on
   */
  opened(ask: () => Promise<unknown>, services: readonly string[] = []): void {
    this.#step = { store: undefined, migrations: undefined };
    this.#check = new StoreCheck(ask, this.#clock);
    this.#services = services;
    this.#tell();
  }

  /** The store is permanently lost. */
  lose(): void {
    this.#lost = true;
    this.#tell();
  }

  /** The process was told to stop, and serves only as long as necessary. Harmless when repeated. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#tell();
  }

  /**
   * Calls the listener whenever the answer may have changed without a query of the store. @returns
   * a function that ends this
   */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The results of all checks. Excluded checks are not run. */
  async findings(leftOut: ReadonlySet<string> = NONE): Promise<readonly Finding[]> {
    const names = READY_CHECKS.filter((name) => !leftOut.has(name));
    return Promise.all(names.map(async (name) => ({ name, failure: await this.#failureOf(name) })));
  }

  /** Whether all checks succeed. */
  async isReady(): Promise<boolean> {
    if (this.#check === undefined || !this.#isOpen) return false;
    const failure = await this.#check.failure();
    // The process may have been told to stop meanwhile.
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

/** The failures while a process starts. */
type Step = Readonly<Record<"store" | "migrations", string | undefined>>;

const NONE: ReadonlySet<string> = new Set();
