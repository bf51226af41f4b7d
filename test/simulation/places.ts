import type { Change } from "../../src/core/ports/store.ts";
import type { Context } from "../../src/core/method/method.ts";
import type { Neighbours } from "../../src/core/ports/neighbours.ts";
import type { Random } from "../../src/core/ports/random.ts";
import type { Attempts } from "./attempts.ts";
import type { Course } from "./course.ts";
import type { SimulatedDatabase } from "./database.ts";
import { Dice } from "./dice.ts";
import type { FaultPlan } from "./faults.ts";
import { Life } from "./life.ts";
import { type Request, runPlanned } from "./methods.ts";
import { Link, type Network } from "./network.ts";
import type { Plan } from "./plan.ts";
import { Process } from "./process.ts";
import type { World } from "./world.ts";

/** A place where one process runs at a time. */
interface Place {
  readonly index: number;
  readonly link: Link;
  process: Process | undefined;
  generation: number;
  /**
   * Notices are lost before this instant of the world, and come up to `lateMs` late before
   * `lateUntil`.
   */
  deafUntil: number;
  lateUntil: number;
  lateMs: number;
}

interface PlacesParts {
  readonly plan: Plan;
  readonly world: World;
  readonly database: SimulatedDatabase;
  readonly random: Random;
  readonly attempts: Attempts;
  readonly course: Course;
  /** Called for each fault that strikes a call. */
  readonly strike: (fault: FaultPlan) => void;
}

/** Once faults have stopped, a process that ended is replaced within this time. */
const AGAIN_MS = 100;
const TURN_MS = 1_000;
const STOP_DRAIN_MS = 0;

/** The processes of a history, and their lives. */
export class Places {
  readonly #parts: PlacesParts;
  readonly #places: readonly Place[];
  readonly #network: Network;
  readonly #dice: Dice;
  #isEnding = false;
  frozenUntil = 0;

  constructor(parts: PlacesParts) {
    const { plan, world, random } = parts;
    this.#parts = parts;
    this.#dice = new Dice(random);
    this.#network = {
      world,
      latencyMs: plan.setting.latencyMs,
      downUntil: 0,
      isHealed: false,
      strike: parts.strike,
    };
    this.#places = Array.from({ length: plan.setting.processes }, (_, index) => {
      const faults = plan.faults
        .filter((fault) => "call" in fault)
        .filter(({ process }) => process === index);
      return {
        index,
        link: new Link(this.#network, this.#dice, faults),
        process: undefined,
        generation: 0,
        deafUntil: 0,
        lateUntil: 0,
        lateMs: 0,
      };
    });
  }

  start(): void {
    for (const place of this.#places) this.#begin(place);
  }

  /** The process at a place, if one is there that takes calls. */
  processAt(index: number): Process | undefined {
    const process = this.#places[index]?.process;
    return process?.isOpen === true && !process.life.isDead ? process : undefined;
  }

  /** A fault with a fixed instant. */
  strike(fault: FaultPlan): void {
    const { world } = this.#parts;
    if (fault.kind === "outage") {
      this.#network.downUntil = world.now + fault.ms;
      return;
    }
    const place = "process" in fault ? this.#places[fault.process] : undefined;
    if (place === undefined) return;
    if (fault.kind === "deafness") place.deafUntil = world.now + fault.ms;
    else if (fault.kind === "wall" && place.process !== undefined)
      place.process.life.wallOffsetMs += fault.byMs;
    else if (fault.kind === "stop") void this.#stopOne(place, fault.ms);
    else if (fault.kind === "late-notices") {
      place.lateUntil = world.now + fault.ms;
      place.lateMs = fault.byMs;
    }
  }

  /** Ends all faults. */
  heal(): void {
    this.#network.isHealed = true;
    this.#network.downUntil = 0;
    for (const place of this.#places) {
      place.deafUntil = 0;
      place.lateUntil = 0;
      this.frozenUntil = Math.max(this.frozenUntil, place.process?.life.frozenUntil ?? 0);
    }
  }

  /** Stops all processes, and checks that they leave nothing behind. */
  async stop(): Promise<void> {
    this.#isEnding = true;
    for (const { process, index } of this.#places)
      if (process?.life.isDead === false && process.waiting > 0)
        this.#parts.course.fail(`process ${index} has ${process.waiting} waiters although nobody waits`);
    await Promise.all(this.#places.map((place) => this.#stopOne(place, STOP_DRAIN_MS)));
  }

  async #stopOne({ process, index }: Place, drainMs: number): Promise<void> {
    if (process === undefined || process.life.isDead || !process.isOpen) return;
    const { course } = this.#parts;
    course.tell(`process ${index} stops`);
    const { life } = process;
    const died = new Promise<void>((resolve) => void life.onDeath(resolve));
    await Promise.race([process.stop(drainMs), died]);
    if (life.isDead) return;
    for (const leak of process.leaks()) course.fail(`process ${index} leaves ${leak}`);
    life.die();
  }

  #begin(place: Place): void {
    const { world, database, plan, random, attempts, course } = this.#parts;
    const life = new Life(`${place.index}-${place.generation++}`, world, database.epoch);
    const process = new Process({
      life,
      database,
      random,
      attempts,
      link: place.link,
      setting: plan.setting,
      neighbours: plan.setting.tells ? this.#neighboursOf(place) : undefined,
      tellOthers: (changes) => this.#tellOthers(place, life, changes),
      run: (request, context) => this.#handle(life, request as Request, context),
      fail: (problem) => course.fail(problem),
    });
    place.process = process;
    life.onDeath(() => {
      course.tell(`process ${place.index} is gone`);
      if (this.#isEnding) return;
      world.after(this.#network.isHealed ? AGAIN_MS : this.#dice.from(1, 1_500), undefined, () =>
        this.#begin(place),
      );
    });
    process.start().catch(() => life.die());
  }

  #handle(life: Life, request: Request, context: Context): Promise<unknown> {
    const { plan, world, attempts } = this.#parts;
    const caller = plan.callers.find(({ index }) => index === request.op);
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => void world.after(ms, life, resolve));
    const run = runPlanned(caller ?? { index: request.op, work: [] }, context, sleep);
    return attempts.during(life, context, run);
  }

  #tellOthers(from: Place, life: Life, changes: readonly Change[]): void {
    const { world, plan } = this.#parts;
    if (life.isDead || !plan.setting.tells) return;
    for (const place of this.#places) {
      const { process } = place;
      if (place === from || process === undefined || world.now < place.deafUntil) continue;
      const lateMs = world.now < place.lateUntil ? this.#dice.from(0, place.lateMs) : 0;
      place.link.send(process.life, lateMs, () => process.hear(changes));
    }
  }

  #neighboursOf(place: Place): Neighbours {
    const { world, plan } = this.#parts;
    return {
      origin: place.index,
      attend: () => undefined,
      attendWork: () => undefined,
      handOn: () => undefined,
      isTurn: () => {
        if (!plan.setting.takesTurns) return true;
        const alive = this.#places.filter(({ process }) => process !== undefined && !process.life.isDead);
        return alive[Math.floor(world.now / TURN_MS) % alive.length] === place;
      },
    };
  }
}
