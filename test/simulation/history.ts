import { LIMITS } from "../../src/core/limits.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { Answers } from "./answers.ts";
import { Attempts } from "./attempts.ts";
import { Caller } from "./callers.ts";
import { Course } from "./course.ts";
import { SimulatedDatabase } from "./database.ts";
import type { FaultPlan } from "./faults.ts";
import { Places } from "./places.ts";
import type { Plan } from "./plan.ts";
import { Shadow } from "./shadow.ts";
import { World } from "./world.ts";

/** The result of a history. */
export interface Outcome {
  /** Empty if there is no problem. */
  readonly problems: readonly string[];
  /** The same for the same course. */
  readonly hash: string;
  /** The lines of the course, if they were to be kept. */
  readonly lines: readonly string[];
  readonly figures: Figures;
}

/** The events that occurred in a history. */
export interface Figures {
  readonly operations: number;
  readonly attempts: number;
  readonly faults: number;
  readonly virtualMs: number;
}

/** From this instant on, no fault strikes. */
const HEAL_AT_MS = 5_000;
/**
 * By this time everything must be over: three attempts of six operations of one key, one after the
 * other, and their leases.
 */
const OVER_MS = 300_000;
/** A record is removed within this time after it expires, because the sweep may pause. */
const PURGED_MS = LIMITS.sweepRestMsMax + 1_000;
const STOPPED_MS = 30_000;

let shared: SimulatedDatabase | undefined;

/**
 * Runs one history from beginning to end. @param keepsLines whether to keep the course, for people
 * to read
 */
export async function runHistory(plan: Plan, keepsLines = false): Promise<Outcome> {
  const history = new History(plan, keepsLines, (shared ??= new SimulatedDatabase()));
  running = history;
  try {
    await history.run();
  } catch (error) {
    history.course.fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  running = undefined;
  return history.outcome();
}

/**
 * Reports a rejected promise that nobody awaits: Node reports it when the microtasks of an event
 * have run.
 */
process.on("unhandledRejection", (error) => {
  if (running === undefined) throw error;
  running.course.fail(`a rejection that nobody handles: ${String(error)}`);
});
let running: History | undefined;

class History {
  readonly course: Course;
  readonly #plan: Plan;
  readonly #world = new World();
  readonly #database: SimulatedDatabase;
  readonly #shadow: Shadow;
  readonly #attempts: Attempts;
  readonly #answers: Answers;
  readonly #places: Places;
  #faults = 0;
  #isHealed = false;
  /** The instant of the last fault among those with a fixed instant. */
  readonly #lastFault: number;
  #callersLeft: number;

  constructor(plan: Plan, keepsLines: boolean, database: SimulatedDatabase) {
    const world = this.#world;
    this.#plan = plan;
    this.#database = database;
    this.#callersLeft = plan.callers.length;
    this.#lastFault = Math.max(0, ...plan.faults.map((fault) => ("at" in fault ? fault.at : 0)));
    this.course = new Course(() => world.now, keepsLines);
    const fail = (problem: string): void => this.course.fail(problem);
    this.#shadow = new Shadow({
      fail,
      ended: (id) => this.#answers.ended(id),
      removed: (id) => this.#answers.removed(id),
      claimed: (id, waitedMs) => this.#answers.claimed(id, waitedMs),
      course: this.course,
    });
    this.#answers = new Answers({ plan, world, course: this.course, shadow: this.#shadow });
    this.#attempts = new Attempts(fail);
    database.begin({
      world,
      shadow: this.#shadow,
      rate: plan.setting.rate,
      isEmbedded: plan.setting.store === "embedded",
    });
    this.#places = new Places({
      plan,
      world,
      database,
      random: seededRandom(plan.chance),
      attempts: this.#attempts,
      course: this.course,
      strike: (fault) => this.#struck(fault),
    });
  }

  async run(): Promise<void> {
    const { callers, faults } = this.#plan;
    this.#places.start();
    for (const fault of faults) this.#schedule(fault);
    for (const each of callers) void this.#runCaller(each);
    this.#world.at(HEAL_AT_MS, undefined, () => this.#heal());
    await this.#world.run(() => this.#isOver());
    if (!this.#isOver() || this.#world.now > OVER_MS) {
      this.#failUnfinished();
      return;
    }
    this.#heal();
    await this.#purged();
    await this.#stop();
    this.#shadow.compareAll((id) => this.#database.read(id));
    for (const id of this.#answers.acknowledged.keys())
      if (!this.#shadow.endings.has(id) && !this.#shadow.cut.has(id))
        this.course.fail(`an acknowledged operation has not ended: ${id}`);
  }

  outcome(): Outcome {
    const { problems, hash, lines } = this.course;
    const figures = {
      operations: this.#shadow.oracle.kept.size + this.#shadow.oracle.gone.size,
      attempts: this.#attempts.count,
      faults: this.#faults,
      virtualMs: this.#world.now,
    };
    return { problems, hash, lines, figures };
  }

  async #runCaller(plan: Plan["callers"][number]): Promise<void> {
    const caller = new Caller(plan, {
      world: this.#world,
      answers: this.#answers,
      processAt: (place) => this.#places.processAt(place),
      places: this.#plan.setting.processes,
    });
    await caller.run();
    this.#callersLeft--;
  }

  #isOver(): boolean {
    const { now } = this.#world;
    if (now > OVER_MS) return true;
    return this.#callersLeft === 0 && now >= this.#lastFault && this.#shadow.unfinished === 0;
  }

  #failUnfinished(): void {
    if (this.#callersLeft > 0) this.course.fail(`${this.#callersLeft} callers have not been answered`);
    for (const { id, state, blocked, method } of this.#shadow.oracle.kept.values()) {
      if (this.#shadow.oracle.kept.get(id)?.endTime !== null) continue;
      this.course.fail(`an operation of ${method} stays ${state}${blocked ? " and blocked" : ""}: ${id}`);
    }
    if (this.course.problems.length === 0) this.course.fail("nothing more happens");
  }

  #schedule(fault: FaultPlan): void {
    if (!("at" in fault)) return;
    this.#world.at(fault.at, undefined, () => {
      this.#struck(fault);
      if (fault.kind === "clock") this.#database.jump(fault.byMs);
      else if (fault.kind === "lock") this.#database.lock(fault.key, this.#world.now + fault.ms);
      else this.#places.strike(fault);
    });
  }

  #struck(fault: FaultPlan): void {
    this.#faults++;
    this.course.tell(`fault ${JSON.stringify(fault)}`);
    if (fault.kind === "clock") this.#attempts.wasClockSet = true;
  }

  #heal(): void {
    if (this.#isHealed) return;
    this.#isHealed = true;
    this.course.tell("no more faults");
    this.#places.heal();
    // By then, every frozen process has resumed.
    this.#answers.calmFrom = Math.max(this.#world.now, this.#places.frozenUntil);
  }

  /** Expired records have been removed. */
  async #purged(): Promise<void> {
    const isDue = (): boolean => {
      const soon = this.#database.time() + SOON_MS;
      return [...this.#shadow.oracle.kept.values()].some(
        ({ expireTime }) => expireTime !== null && expireTime <= soon,
      );
    };
    if (!isDue()) return;
    const until = this.#world.now + SOON_MS + PURGED_MS;
    await this.#world.run(() => this.#world.now > until || !isDue());
    if (isDue()) this.course.fail("the sweep does not remove what has expired");
  }

  async #stop(): Promise<void> {
    this.#answers.isStopping = true;
    let isStopped = false;
    void this.#places.stop().then(() => (isStopped = true));
    const until = this.#world.now + STOPPED_MS;
    await this.#world.run(() => isStopped || this.#world.now > until);
    if (!isStopped) this.course.fail("a process does not stop");
  }
}

/** Records that expire within this time are awaited. */
const SOON_MS = 3_000;
