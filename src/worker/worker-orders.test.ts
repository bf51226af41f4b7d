import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { serviceError } from "../core/error/error.ts";
import { ANONYMOUS } from "../core/caller.ts";
import { type Context, defineMethod } from "../core/method/method.ts";
import { isDone, type Operation } from "../core/operation/operation.ts";
import type { WorkerPort } from "../core/ports/worker-port.ts";
import { nameOf } from "../testing/an-operation.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestWorker, type TestWorker } from "./test-worker.suite.ts";

/**
 * Short histories in which a scheduler decides when every call of a worker is sent and answered, or
 * lost at either moment: operations are started, cancelled and removed, handlers report, return and
 * throw, time passes, leases end, and the worker stops. Whatever the order, the rules of
 * {@link History} hold.
 */

const STEPS = [
  "start",
  "cancel",
  "delete",
  "report",
  "return",
  "throw",
  "tick",
  "second",
  "sweep",
  "stop",
] as const;
type Step = (typeof STEPS)[number];

const LEASE_MS = 1_000;
const SLOTS = 2;

/** A running handler. */
interface Running {
  readonly id: string;
  readonly context: Context<Record<string, unknown>>;
  readonly end: PromiseWithResolvers<void>;
}

function attemptOf({ id, attempt }: Pick<Operation, "id" | "attempt">): string {
  return `${id} ${attempt}`;
}

/** The attempt of an event: events contain the name of the operation. */
function toldOf({ operation, attempt }: { readonly operation: string; readonly attempt: number }): string {
  return `${operation.split("/").at(-1)} ${attempt}`;
}

/** One history with its invariants. */
class History {
  readonly violations: string[] = [];
  #opened: TestWorker | undefined;
  readonly #operations: Operation[] = [];
  readonly #running = new Set<Running>();
  /** The attempts that the worker learned to be its own, and those that it released. */
  readonly #heard: string[] = [];
  readonly #givenBack = new Set<string>();
  /** The last report of each attempt whose handler returned. */
  readonly #reported = new Map<string, number>();
  #isEnding = false;
  #reports = 0;
  #claims = 0;
  #stopped: Promise<void> | undefined;
  #claimsAtStop = 0;

  readonly method = defineMethod({
    name: "ordered",
    request: z.object({}),
    retry: { attempts: 50, initialDelay: "100ms", maxDelay: "100ms" },
    run: (_: unknown, context: Context<Record<string, unknown>>): Promise<void> => {
      if (this.#stopped !== undefined) this.violations.push("a handler began after the stop");
      const id = context.name.split("/").at(-1) ?? "";
      const end = Promise.withResolvers<void>();
      const running = { id, context, end };
      this.#running.add(running);
      if (this.#running.size > SLOTS) {
        const trusted = [...this.#running].filter((each) => !each.context.signal.aborted).length;
        if (trusted > SLOTS) this.violations.push("more handlers than slots");
      }
      return end.promise.finally(() => this.#running.delete(running));
    },
  });

  /** Adds a worker to the history: its calls go through the scheduler, and some are lost. */
  begin(opened: TestWorker, scheduler: fc.Scheduler, isLost: () => boolean): void {
    this.#opened = opened;
    const { attempts } = opened;
    attempts.pass = async (name, moment) => {
      if (name === "claim" && moment === "call") this.#claims++;
      await scheduler.schedule(Promise.resolve(), `${name} ${moment}`);
      if (!this.#isEnding && isLost())
        throw serviceError("STORE_UNAVAILABLE", `the ${moment} of ${name} is lost`);
    };
    const { claim, release } = attempts;
    const hearing: WorkerPort["claim"] = async (asked) => {
      const answer = await claim(asked);
      for (const operation of answer.operations) this.#heard.push(attemptOf(operation));
      return answer;
    };
    const givingBack: WorkerPort["release"] = (operation) => {
      this.#givenBack.add(attemptOf(operation));
      return release(operation);
    };
    Object.assign(attempts, { claim: hearing, release: givingBack });
    opened.worker.start();
  }

  async take(step: Step): Promise<void> {
    const { engine, clock, worker } = this.opened;
    const operation = this.#operations.at(-1);
    const [running] = this.#running;
    if (step === "start") this.#operations.push(await this.opened.start(this.method));
    if (step === "cancel" && operation !== undefined)
      await engine.operations.cancel(ANONYMOUS, nameOf(operation)).catch(() => {});
    if (step === "delete" && operation !== undefined)
      await engine.operations.delete(ANONYMOUS, nameOf(operation)).catch(() => {});
    if (step === "report" && running !== undefined) this.#report(running);
    if (step === "return") running?.end.resolve();
    if (step === "throw") running?.end.reject(new Error("thrown"));
    if (step === "tick") await clock.advance(50);
    if (step === "second") await clock.advance(1_000);
    if (step === "sweep") await engine.sweep.round();
    if (step === "stop" && this.#stopped === undefined) {
      this.#claimsAtStop = this.#claims;
      this.#stopped = worker.stop({ drainMs: 500 });
    }
  }

  /** Checks the invariants that always hold. */
  async look(): Promise<void> {
    const { store } = this.opened;
    for (const { id, context } of this.#running) {
      const { attempt, signal } = context;
      const record = await store.read(id);
      if (signal.aborted || record === undefined || isDone(record)) continue;
      const isHeld = record.attempt === attempt && (record.leaseTime ?? 0) > store.time();
      if (!isHeld) this.violations.push(`attempt ${attempt} is trusted and has no lease`);
    }
    if (this.#stopped !== undefined && this.#claims > this.#claimsAtStop)
      this.violations.push("a claim went out after the stop");
  }

  /** Lets everything end, and checks the result. */
  async end(scheduler: fc.Scheduler): Promise<void> {
    const { clock, engine, worker, events, store } = this.opened;
    this.#isEnding = true;
    this.#stopped ??= worker.stop({ drainMs: 500 });
    this.#claimsAtStop ||= this.#claims;
    for (let round = 0; round < 80; round++) {
      for (const { end } of this.#running) end.resolve();
      while (scheduler.count() > 0) await scheduler.waitNext(1);
      await clock.advance(100);
    }
    await this.#stopped;
    await engine.sweep.round();
    const begun = events.all.flatMap(([name, fields]) => (name === "attempt.began" ? [toldOf(fields)] : []));
    for (const each of this.#heard) {
      const times = begun.filter((other) => other === each).length;
      if (times > 1) this.violations.push("an attempt was run twice");
      if (times === 0 && !this.#givenBack.has(each))
        this.violations.push("a claim was neither run nor given back");
    }
    if (events.count("attempt.began") !== events.count("attempt.ended") - this.#unrun(begun))
      this.violations.push("not all attempts ended");
    if (worker.running !== 0) this.violations.push(`${worker.running} slots are left`);
    for (const { id } of this.#operations) {
      const record = await store.read(id);
      const last = record === undefined ? undefined : this.#reported.get(attemptOf(record));
      const shown =
        record?.metadata == null ? undefined : (JSON.parse(record.metadata.json) as { n: number }).n;
      if (record?.state === "SUCCEEDED" && last !== undefined && shown !== last)
        this.violations.push(`the last report was ${last}, and ${shown} is kept`);
    }
  }

  /**
   * The number of attempts that ended without having begun, because their claim was answered too
   * late.
   */
  #unrun(begun: readonly string[]): number {
    const ran = new Set(begun);
    const ended = this.opened.events.all.flatMap(([name, fields]) =>
      name === "attempt.ended" ? [toldOf(fields)] : [],
    );
    return ended.filter((each) => !ran.has(each)).length;
  }

  #report({ id, context }: Running): void {
    context.report({ n: ++this.#reports });
    this.#reported.set(attemptOf({ id, attempt: context.attempt }), this.#reports);
  }

  get opened(): TestWorker {
    assert.ok(this.#opened);
    return this.#opened;
  }
}

async function play(scheduler: fc.Scheduler, steps: readonly (Step | "next")[], lost: readonly boolean[]) {
  const history = new History();
  await using opened = await openTestWorker([history.method], {
    concurrency: SLOTS,
    leaseMs: LEASE_MS,
    claimant: true,
  });
  let calls = 0;
  history.begin(opened, scheduler, () => lost[calls++] ?? false);
  for (const step of steps) {
    if (step !== "next") await history.take(step);
    else if (scheduler.count() > 0) await scheduler.waitNext(1);
    await settled(2);
    await history.look();
  }
  await history.end(scheduler);
  assert.deepEqual(history.violations, []);
}

suite("A worker whose calls are sent, answered and lost in any order", () => {
  test("keeps its slots, trusts only valid leases, and loses no claim and no report", async () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.constant("next" as const) },
      { weight: 2, arbitrary: fc.constantFrom("start" as const, "report" as const) },
      { weight: 4, arbitrary: fc.constantFrom(...STEPS) },
    );
    const steps = fc.array(step, { minLength: 10, maxLength: 40, size: "max" });
    const lost = fc.array(
      fc.nat(9).map((chance) => chance === 0),
      { minLength: 40, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, lost, (scheduler, taken, losses) =>
        play(scheduler, taken, losses),
      ),
      { numRuns: 30 },
    );
  });
});
