import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { formatName } from "../core/operation/name.ts";
import { isDone, type Operation } from "../core/operation/operation.ts";
import { passing } from "../testing/held-calls.suite.ts";
import { settled } from "../testing/manual-clock.ts";
import { callsOf } from "./calls.suite.ts";
import { type EngineWithHints, openWithHints } from "./waiting/hints.suite.ts";
import { finish, request } from "./packing.suite.ts";

/**
 * Short histories of waits in which a scheduler decides when each read is sent and answered:
 * operations end and are removed, hints are wrong, callers hang up, time passes, the server stops.
 */

const STEPS = [
  "wait",
  "finish",
  "cancel",
  "delete",
  "hint",
  "hang up",
  "tick",
  "second",
  "next",
  "stop",
] as const;
type Step = { readonly step: (typeof STEPS)[number]; readonly which: 0 | 1 };

/** The length of a waiters' bucket, by which a wait may end early. */
const EARLY_MS = 10;

interface Waiting {
  readonly id: string;
  readonly untilMs: number;
  readonly caller: AbortController;
  /** Whether the end, or the removal, was known before the wait began. */
  readonly wasDone: boolean;
  readonly wasGone: boolean;
  answers: number;
}

class History {
  readonly #opened: EngineWithHints;
  readonly #scheduler: fc.Scheduler;
  readonly #operations: Operation[];
  readonly #waits: Waiting[] = [];
  readonly #done = new Set<string>();
  readonly #gone = new Set<string>();
  readonly violations: string[] = [];
  #stopped = false;

  constructor(opened: EngineWithHints, scheduler: fc.Scheduler, operations: Operation[]) {
    this.#opened = opened;
    this.#scheduler = scheduler;
    this.#operations = operations;
    passing(opened.store, ["read"], (name, moment) =>
      scheduler.schedule(Promise.resolve(), `${name} ${moment}`),
    );
  }

  async take({ step, which }: Step): Promise<void> {
    const { engine, clock, hint } = this.#opened;
    const operation = this.#operations[which] ?? assert.fail();
    const { id } = operation;
    const known = this.#done.has(id) || this.#gone.has(id);
    if (step === "wait") this.#wait(operation, (which + 1) * 700);
    if (step === "finish" && !known) await this.#through(this.#end(operation));
    if (step === "cancel" && !known) {
      await this.#through(callsOf(engine).cancel(formatName(operation)));
      this.#done.add(id);
    }
    if (step === "delete" && !this.#gone.has(id)) {
      await this.#through(callsOf(engine).delete(formatName(operation)));
      this.#gone.add(id);
    }
    if (step === "hint") hint(id, "CANCELLED");
    if (step === "hang up") this.#waits.at(-1)?.caller.abort();
    if (step === "tick") await clock.advance(EARLY_MS);
    if (step === "second") await clock.advance(1_000);
    if (step === "next" && this.#scheduler.count() > 0) await this.#scheduler.waitNext(1);
    if (step === "stop") {
      this.#stopped = true;
      engine.operations.stop();
    }
    await settled(2);
  }

  async end(): Promise<void> {
    for (let round = 0; round < 20; round++) {
      while (this.#scheduler.count() > 0) await this.#scheduler.waitNext(1);
      await this.#opened.clock.advance(200);
    }
    for (const { answers } of this.#waits) this.#hold(answers === 1, "each wait is answered once");
    assert.equal(this.#opened.engine.operations.waiting, 0);
  }

  /** Completes a call without holding any read except those of the use case itself. */
  async #through<Result>(call: Promise<Result>): Promise<Result> {
    const over = { is: false };
    const result = call.finally(() => (over.is = true));
    result.catch(() => {});
    await settled(1);
    while (!over.is) {
      if (this.#scheduler.count() > 0) await this.#scheduler.waitNext(1);
      await settled(1);
    }
    return result;
  }

  async #end(operation: Operation): Promise<void> {
    await finish(this.#opened, operation);
    this.#done.add(operation.id);
  }

  #wait(operation: Operation, timeoutMs: number): void {
    const { engine, clock } = this.#opened;
    const { id } = operation;
    const waiting: Waiting = {
      id,
      untilMs: clock.monotonic() + timeoutMs,
      caller: new AbortController(),
      wasDone: this.#done.has(id),
      wasGone: this.#gone.has(id),
      answers: 0,
    };
    this.#waits.push(waiting);
    const { signal } = waiting.caller;
    callsOf(engine)
      .wait(formatName(operation), { timeoutMs, signal })
      .then(
        (answer) => this.#answered(waiting, answer),
        () => this.#refused(waiting),
      );
  }

  #answered(waiting: Waiting, answer: Operation): void {
    waiting.answers++;
    this.#hold(!waiting.wasGone, "what was removed before is not answered");
    if (isDone(answer)) return;
    this.#hold(!waiting.wasDone, "an end that was known before is told");
    const isOver = this.#opened.clock.monotonic() >= waiting.untilMs - EARLY_MS;
    this.#hold(
      isOver || waiting.caller.signal.aborted || this.#stopped,
      "a wait lasts until there is a reason",
    );
  }

  #refused(waiting: Waiting): void {
    waiting.answers++;
    this.#hold(this.#gone.has(waiting.id), "only what is removed is not found");
  }

  #hold(holds: boolean, rule: string): void {
    if (!holds) this.violations.push(rule);
  }
}

async function play(scheduler: fc.Scheduler, steps: readonly Step[]): Promise<void> {
  await using opened = await openWithHints();
  const operations = callsOf(opened.engine);
  const started: Operation[] = [];
  for (const method of ["pack", "clean"]) started.push(await operations.start({ method, request }));
  const history = new History(opened, scheduler, started);
  for (const step of steps) await history.take(step);
  await history.end();
  assert.deepEqual(history.violations, []);
}

suite("Waits whose reads are answered in any order", () => {
  test("last until there is a reason, tell what was known when they began, and are answered once", async () => {
    const weights: Readonly<Record<string, number>> = { wait: 4, next: 6, stop: 0.3 };
    const step = fc.record({
      step: fc.oneof(
        ...STEPS.map((each) => ({
          weight: Math.ceil(10 * (weights[each] ?? 1)),
          arbitrary: fc.constant(each),
        })),
      ),
      which: fc.constantFrom(0 as const, 1 as const),
    });
    const steps = fc.array(step, { minLength: 5, maxLength: 30, size: "max" });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), steps, (scheduler, taken) => play(scheduler, taken)),
      { numRuns: 40 },
    );
  });
});
