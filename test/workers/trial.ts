import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { TestServer } from "../../src/testing/test-server.ts";
import type { Call, Entry, Fate, Gateway, Proof, Verb } from "./gateway.ts";
import { silent, steered } from "./methods.ts";
import type { Run, Witness } from "./witness.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** The environment of a case. */
export interface Place {
  readonly server: TestServer;
  readonly gateway: Gateway;
  readonly witness: Witness;
  /** The worker, if the case has one of its own. */
  readonly worker?: WorkerProcess;
  /** Ends all connections of the workers. */
  readonly cut: () => void;
}

/** The treatment that a case requests for calls about its own operations. */
interface Wishes {
  /** Decides about the first calls with an entry of the case; later calls pass. */
  readonly fates: Map<Verb | "report", Fate[]>;
  /** An outcome that the worker has to send several times. */
  repetition: { readonly verb: Verb; readonly count: number } | undefined;
  cancelRequested: boolean;
}

let trials = 0;

/** One case: its operations, their handlers, and the calls about them. */
export class Trial {
  readonly place: Place;
  readonly #id = `case-${++trials}`;
  /** The newest attempt of each operation of this case. */
  readonly #attempts = new Map<string, number>();
  #failedAttempts = 0;
  /** The attempts in answers to claims, also in lost answers. */
  readonly claimed: Proof[] = [];
  /** Answered renewals with progress. */
  reportsAnswered = 0;
  readonly #wishes: Wishes = {
    fates: new Map(),
    repetition: undefined,
    cancelRequested: false,
  };
  /**
   * The earliest time at which the worker can have had a claim or a renewal, by operation: the
   * arrival of the call.
   */
  readonly leases: { readonly verb: Verb; readonly sent: number; readonly answered: number }[] = [];

  constructor(place: Place) {
    this.place = place;
    const { gateway, witness } = place;
    const url = witness.url(this.#id);
    gateway.judge((call) => this.#judge(call));
    gateway.read((call, { claims, renewals }) => {
      const { cancelRequested } = this.#wishes;
      const told = (): void =>
        void this.leases.push({ verb: call.verb, sent: call.at, answered: performance.now() });
      for (const claim of claims.filter((each) => each.url === url)) {
        this.#attempts.set(claim.proof.name, claim.proof.attempt);
        this.claimed.push(claim.proof);
        this.#failedAttempts = claim.failedAttempts;
        told();
        if (cancelRequested) claim.setCancelRequested();
      }
      for (const [index, { proof, metadata }] of call.entries.entries()) {
        const renewal = renewals[index];
        if (renewal?.held !== true || !this.#attempts.has(proof.name)) continue;
        told();
        if (metadata !== undefined) this.reportsAnswered++;
      }
    });
  }

  get #url(): string {
    return this.place.witness.url(this.#id);
  }

  /** Whether claims carry a cancellation request. */
  cancelRequested(): void {
    this.#wishes.cancelRequested = true;
  }

  /**
   * Decides about the next calls of a kind that have an entry of a first attempt of this case.
   *
   * @param verb "report" means a renewal with progress
   */
  fate(verb: Verb | "report", ...fates: readonly Fate[]): void {
    this.#wishes.fates.set(verb, [...fates]);
  }

  /**
   * As {@link fate}, for an outcome that the worker has to send `count` times. Renewals between
   * these calls fail: a successful one after a lost answer would say that the attempt has ended,
   * and the worker would rightly stop repeating (docs/workers.md).
   */
  fateOfOutcome(verb: Verb, fates: readonly Fate[], count: number): void {
    this.fate(verb, ...fates);
    this.#wishes.repetition = { verb, count };
  }

  /** Starts an operation. @returns its name */
  async start(value?: unknown): Promise<string> {
    const { name } = await this.place.server.operations.start(steered, { url: this.#url, value });
    return name;
  }

  /** Starts an operation whose method responds with an empty message. */
  async startSilent(): Promise<string> {
    const { name } = await this.place.server.operations.start(silent, { url: this.#url });
    return name;
  }

  /** The next handler of this case to begin. */
  run(): Promise<Run> {
    return this.place.witness.run(this.#id);
  }

  /** Handlers that have begun and that {@link run} has not returned yet. */
  get waitingRuns(): number {
    return this.place.witness.waiting(this.#id);
  }

  /** Starts an operation, and returns its handler. */
  async begin(value?: unknown): Promise<{ readonly name: string; readonly run: Run }> {
    const [name, run] = await Promise.all([this.start(value), this.run()]);
    return { name, run };
  }

  /** The operation when it is done. */
  async done(name: string) {
    const { operations } = this.place.server;
    for (;;) {
      const operation = await operations.wait(name, { timeout: "60s" });
      if (operation.done) return operation;
    }
  }

  /** The number of the last attempt that a worker claimed. */
  attempt(name: string): number {
    return this.#attempts.get(name) ?? 0;
  }

  /** The number of the attempt that succeeded. */
  async attemptOf(name: string): Promise<number> {
    const { state } = await this.done(name);
    assert.equal(state, "SUCCEEDED");
    return this.attempt(name);
  }

  /** The operation as callers see it now. */
  get(name: string) {
    return this.place.server.operations.get(name);
  }

  cancel(name: string): Promise<void> {
    return this.place.server.operations.cancel(name);
  }

  /** Another case in the same environment. */
  sibling(): Trial {
    return new Trial(this.place);
  }

  /** All claims of the worker so far. */
  claims(): readonly Call[] {
    return this.place.gateway.calls.filter(({ verb }) => verb === "claim");
  }

  /** Resolves when the worker waits for work. */
  async untilIdle(): Promise<void> {
    await this.place.gateway.until((calls) =>
      calls.some(({ verb, waitMs }) => verb === "claim" && waitMs > 0),
    );
  }

  /** How many attempts had failed before this case's last claim. */
  get failedAttempts(): number {
    return this.#failedAttempts;
  }

  /** The entries of calls about this case's operations so far, in their order. */
  entries(verb: Verb): readonly (Entry & { readonly at: number })[] {
    return this.#entriesIn(this.place.gateway.calls, verb);
  }

  /** Renewals with progress of this case's operations so far. */
  reports(): readonly Entry[] {
    return this.entries("renew").filter(({ metadata }) => metadata !== undefined);
  }

  /** Resolves when there have been this many of them. */
  async untilReported(count: number): Promise<void> {
    await this.place.gateway.until(() => this.reports().length >= count);
  }

  /** Resolves when there have been this many entries of a kind. */
  async until(verb: Verb, count: number): Promise<void> {
    await this.place.gateway.until((calls) => this.#entriesIn(calls, verb).length >= count);
  }

  /** Asserts that the worker has not told the server any outcome of first attempts. */
  assertNoOutcome(): void {
    for (const verb of ["complete", "fail", "release"] as const) {
      const told = this.entries(verb).filter(({ proof }) => proof.attempt === 1);
      assert.deepEqual(told, [], `no ${verb}`);
    }
  }

  /** Asserts that all entries of a kind are equal, and that there are at least `count`. */
  assertSame(verb: Verb, countMin: number): void {
    const texts = this.entries(verb).map(({ text }) => text);
    assert.ok(texts.length >= countMin, `${texts.length} times ${verb}, expected ${countMin} at least`);
    assert.equal(new Set(texts).size, 1, `${verb} was changed: ${texts.join("\n")}`);
  }

  #entriesIn(calls: readonly Call[], verb: Verb) {
    return calls
      .filter((call) => call.verb === verb)
      .flatMap(({ entries, at }) => entries.map((entry) => ({ ...entry, at })))
      .filter(({ proof }) => this.#attempts.has(proof.name));
  }

  #judge(call: Call): Fate | undefined {
    const { fates } = this.#wishes;
    const ours = call.entries.filter(({ proof }) => proof.attempt === 1 && this.#attempts.has(proof.name));
    if (call.verb === "claim")
      return this.place.worker === undefined ? undefined : fates.get("claim")?.shift();
    if (ours.length === 0) return undefined;
    if (call.verb === "renew" && this.#isRepeating()) return "UNAVAILABLE";
    const reports = ours.some(({ metadata }) => metadata !== undefined);
    return (reports ? fates.get("report")?.shift() : undefined) ?? fates.get(call.verb)?.shift();
  }

  /** Whether the worker has sent the outcome, but not as often as it has to. */
  #isRepeating(): boolean {
    const { repetition } = this.#wishes;
    const sent = repetition === undefined ? 0 : this.entries(repetition.verb).length;
    return repetition !== undefined && sent > 0 && sent < repetition.count;
  }
}
