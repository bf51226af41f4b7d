import type { ServerProcess } from "../support/server-process.ts";
import { brokenHttp } from "./broken.ts";
import { FuzzConnection, type Response } from "./connection.ts";
import { Dice } from "./dice.ts";
import { checkHealth, findTargets } from "./health.ts";
import { type Attack, type Target, wholeRequest } from "./request.ts";
import { problemOf } from "./verdict.ts";
import { Watch } from "./watch.ts";

/** The settings of a fuzzer run. */
export interface CampaignOptions {
  readonly server: ServerProcess;
  readonly seed: number;
  readonly requests: number;
  readonly told: (line: string) => void;
}

/** A violation that the fuzzer found. */
export interface Discovery {
  readonly problem: string;
  /** The attack, if a single one caused it. */
  readonly attack?: Attack;
  readonly index: number;
}

/** The result of a run. */
export interface Report {
  readonly sent: number;
  readonly seconds: number;
  readonly counts: ReadonlyMap<string, number>;
  /** One example of each kind. */
  readonly discoveries: readonly Discovery[];
  readonly memory: string;
}

/**
 * Concurrent connections. Broken requests spend most of their time waiting, so they get more
 * connections.
 */
const WHOLE_LANES = 8;
const BROKEN_LANES = 32;
/** The share of all requests. */
const BROKEN_SHARE = 0.2;
/** After this many requests, the server must answer a normal one. */
const CHECK_EVERY = 1_000;
const DISCOVERIES_MAX = 10;

/**
 * Attacks a server with generated requests. Each request has its own random numbers, derived from
 * the seed and its number. So the same seed sends the same requests, whatever the order of the
 * answers; only the names of operations and the page tokens in them come from the server.
 */
export class Campaign {
  readonly #options: CampaignOptions;
  readonly #watch: Watch;
  readonly #counts = new Map<string, number>();
  readonly #discoveries = new Map<string, Discovery>();
  readonly #port: number;
  #target: Target | undefined;
  #sent = 0;

  constructor(options: CampaignOptions) {
    this.#options = options;
    this.#port = Number(new URL(options.server.url).port);
    this.#watch = new Watch(options.server, options.requests);
  }

  async run(): Promise<Report> {
    const { requests, told, server } = this.#options;
    const began = performance.now();
    while (this.#sent < requests && this.#discoveries.size < DISCOVERIES_MAX && !this.#watch.dead) {
      this.#target = await findTargets(server.url);
      await this.#round(Math.min(CHECK_EVERY, requests - this.#sent));
      await this.#check();
      if (this.#sent % 10_000 === 0) told(`${this.#sent} requests, ${this.#watch.memory()}`);
    }
    const growth = this.#watch.growth();
    if (growth !== undefined) this.#discover({ problem: growth, index: this.#sent });
    return {
      sent: this.#sent,
      seconds: (performance.now() - began) / 1_000,
      counts: this.#counts,
      discoveries: [...this.#discoveries.values()],
      memory: this.#watch.memory(),
    };
  }

  /**
   * Sends one attack over a connection of its own, to see whether the problem can be reproduced.
   */
  async repeat(attack: Attack): Promise<string | undefined> {
    const connection = new FuzzConnection(this.#port);
    const response = await connection.send(attack);
    connection.close();
    return problemOf(attack, response);
  }

  async #round(count: number): Promise<void> {
    const numbers = Array.from({ length: count }, (_, index) => this.#sent + index);
    const broken = numbers.filter((index) => this.#diceOf(index).chance(BROKEN_SHARE));
    const chosen = new Set(broken);
    const whole = numbers.filter((index) => !chosen.has(index));
    await Promise.all([
      this.#lanes(broken, BROKEN_LANES, brokenHttp),
      this.#lanes(whole, WHOLE_LANES, wholeRequest),
    ]);
    this.#sent += count;
  }

  async #lanes(
    numbers: readonly number[],
    count: number,
    make: (dice: Dice, target: Target) => Attack,
  ): Promise<void> {
    const left = [...numbers];
    const lane = async (): Promise<void> => {
      const connection = new FuzzConnection(this.#port);
      for (let index = left.shift(); index !== undefined && !this.#watch.dead; index = left.shift()) {
        const dice = this.#diceOf(index);
        // Repeats the draw that chose between broken and whole.
        dice.chance(BROKEN_SHARE);
        if (this.#target === undefined) return;
        const attack = make(dice, this.#target);
        this.#judge(index, attack, await connection.send(attack));
      }
      connection.close();
    };
    await Promise.all(Array.from({ length: count }, lane));
  }

  #judge(index: number, attack: Attack, response: Response): void {
    for (const { status } of response.answers) this.#count(String(status));
    if (response.answers.length === 0) this.#count("none");
    const problem = problemOf(attack, response);
    if (problem !== undefined && !this.#watch.dead) this.#discover({ problem, attack, index });
  }

  async #check(): Promise<void> {
    const { server } = this.#options;
    for (const problem of this.#watch.problems()) this.#discover({ problem, index: this.#sent });
    if (this.#watch.dead) return;
    try {
      await checkHealth(server.url);
    } catch (error) {
      const story = error instanceof Error ? error.message : String(error);
      this.#discover({ problem: `A normal request was not answered well: ${story}`, index: this.#sent });
    }
    this.#watch.sample(this.#sent);
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }

  #discover(discovery: Discovery): void {
    const kind = kindOf(discovery.problem);
    if (!this.#discoveries.has(kind)) this.#discoveries.set(kind, discovery);
  }

  #diceOf(index: number): Dice {
    return new Dice(this.#options.seed * 1_000_003 + index);
  }
}

/** Problems that differ only in ids and quoted texts are of the same kind. */
export function kindOf(problem: string): string {
  return problem.replaceAll(/"(?:[^"\\]|\\.)*"|[0-9a-f]{8,}|\d{4,}/g, "#").slice(0, 100);
}
