import { setTimeout as delay } from "node:timers/promises";
import { Connection } from "../load/connection.ts";
import { type Measure, median, type Setting, startServer } from "../measure.ts";
import type { Child } from "../processes/child.ts";
import { postgresStore, type ScaleStore } from "../scale/stores.ts";

/** Longer than the measure watches, so that no claim ends. */
const WAITING_SECONDS = 60;
/**
 * The interval of claims of `longrunning work`: a claim without work is answered after this time,
 * and the next claim follows.
 */
const ANEW_SECONDS = 30;
/** An idle server is watched for this many times the length of a usual turn. */
const WATCHED = 10;
const SETTLE_MS = 3_000;

export const parkedClaims: Measure = {
  name: "parked-claims",
  title:
    "Idle workers without a store, each with a claim that waits: what they cost the server, against none",
  async run(setting) {
    const workers = setting.size.waiters / 10;
    await using store = await postgresStore();
    const runs: Run[] = [];
    for (let run = 0; run < setting.size.runs; run++) runs.push(await runOf(setting, store, workers));
    const of = (pick: (run: Run) => number): number => median(runs.map(pick));
    return {
      figures: {
        workers,
        "CPU %, none": of(({ none }) => none.cpuPercent),
        "CPU %, claims wait": of(({ waiting }) => waiting.cpuPercent),
        [`CPU %, each claims anew every ${ANEW_SECONDS} s`]: of(({ anew }) => anew.cpuPercent),
        "statements/s, none": of(({ none }) => none.statements),
        "statements/s, claims wait": of(({ waiting }) => waiting.statements),
        [`statements/s, each claims anew every ${ANEW_SECONDS} s`]: of(({ anew }) => anew.statements),
      },
      checks: [
        {
          what: "CPU % while claims wait, beyond none",
          value: of(({ waiting, none }) => waiting.cpuPercent - none.cpuPercent),
          limit: 0.5,
          rule: "at most",
        },
        {
          what: "statements/s with claims anew, beyond none",
          value: of(({ anew, none }) => anew.statements - none.statements),
          limit: 0.5,
          rule: "at most",
        },
      ],
      notes: [
        "An API process on PostgreSQL; CPU is of one processor. Each worker has a connection of its own. Claims anew come at instants spread evenly: at so low a rate a request takes Node.js several times what it takes under load, whatever it asks for.",
      ],
    };
  },
};

/** The cost of an idle server: its share of one processor, and the load of the database. */
interface Cost {
  readonly cpuPercent: number;
  readonly statements: number;
}

interface Run {
  readonly none: Cost;
  readonly waiting: Cost;
  readonly anew: Cost;
}

async function runOf(setting: Setting, store: ScaleStore, workers: number): Promise<Run> {
  const address = await store.database();
  await using server = await startServer(setting, { store: address, flags: ["--role", "api"] });
  const watched = async (): Promise<Cost> => {
    await delay(SETTLE_MS);
    return costOf(server, () => store.count(address), WATCHED * setting.size.seconds);
  };
  const none = await watched();
  const beside = async (seconds: number, isSpread: boolean): Promise<Cost> => {
    await using crowd = await IdleWorkers.open(server.url, { workers, seconds, isSpread });
    const cost = await watched();
    crowd.check();
    return cost;
  };
  const waiting = await beside(WAITING_SECONDS, false);
  return { none, waiting, anew: await beside(ANEW_SECONDS, true) };
}

async function costOf(server: Child, count: () => Promise<number>, seconds: number): Promise<Cost> {
  const [cpu, statements] = [await server.ask("cpu"), await count()];
  await delay(seconds * 1_000);
  const [cpuAfter, statementsAfter] = [await server.ask("cpu"), await count()];
  const usedSeconds = (cpuAfter.cpuMicroseconds - cpu.cpuMicroseconds) / 1e6;
  return {
    cpuPercent: (100 * usedSeconds) / seconds,
    statements: (statementsAfter - statements) / seconds,
  };
}

/** How workers claim. */
interface Claiming {
  readonly workers: number;
  /** The time for which each claim waits. */
  readonly seconds: number;
  /**
   * Whether first claims wait for shorter, different times, so that the next claims do not arrive
   * all at once.
   */
  readonly isSpread: boolean;
}

/** Workers that claim but never get any work. */
class IdleWorkers implements AsyncDisposable {
  readonly #connections: readonly Connection[];
  readonly #claiming: Claiming;
  #failure: Error | undefined;
  #isOver = false;

  static async open(url: string, claiming: Claiming): Promise<IdleWorkers> {
    const connections: Connection[] = [];
    while (connections.length < claiming.workers) connections.push(await Connection.open(url));
    return new IdleWorkers(connections, claiming);
  }

  private constructor(connections: readonly Connection[], claiming: Claiming) {
    this.#connections = connections;
    this.#claiming = claiming;
    for (const [index, connection] of connections.entries())
      this.#work(connection, index).catch((error: unknown) => {
        this.#failure ??= error as Error;
      });
  }

  /** @throws {Error} if a claim got anything but an empty answer */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const connection of this.#connections) connection.close();
    return Promise.resolve();
  }

  async #work(connection: Connection, index: number): Promise<void> {
    const { workers, seconds, isSpread } = this.#claiming;
    let waits = isSpread ? (seconds * (index + 1)) / workers : seconds;
    while (!this.#isOver) {
      const timeout = `${waits.toFixed(3)}s`;
      const asked = { methods: ["hold"], worker: `idle-${index}`, limit: 10, lease: "30s", timeout };
      const { status, body } = await connection.call("/v1/operations:claim", { body: JSON.stringify(asked) });
      if (status !== 200 || body.includes('"attempt"'))
        throw new Error(`A claim of an idle worker was answered with ${status}: ${body}`);
      waits = seconds;
    }
  }
}
