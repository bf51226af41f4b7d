import { setTimeout as delay } from "node:timers/promises";
import { Connection } from "../load/connection.ts";
import { type Check, type Measure, median, type Setting, startServer } from "../measure.ts";
import type { Child } from "../processes/child.ts";
import { postgresStore } from "../scale/stores.ts";

/** As `longrunning work` claims: the answer to a claim without work comes after so long, and the next claim follows. */
const CLAIM_SECONDS = 30;
/** Of an idle server, in turns of {@link Setting}. */
const WATCHED = 15;
const SETTLE_MS = 3_000;

export const parkedClaims: Measure = {
  name: "parked-claims",
  title: "Idle workers without a store, each with a claim that waits: what they cost, against none",
  async run(setting) {
    const workers = setting.size.waiters / 10;
    const figures: Record<string, number> = { workers };
    const checks: Check[] = [];
    await using store = await postgresStore();
    const watched: readonly Watched[] = [
      { name: "SQLite", flags: ["--concurrency", "0"] },
      {
        name: "PostgreSQL",
        flags: ["--role", "api"],
        address: await store.database(),
        count: (address) => store.count(address),
      },
    ];
    for (const each of watched) {
      const runs: Run[] = [];
      for (let run = 0; run < setting.size.runs; run++) runs.push(await runOf(setting, each, workers));
      const cpu = median(runs.map(({ beside, none }) => beside.cpuPercent - none.cpuPercent));
      Object.assign(figures, {
        [`${each.name}: CPU %, none`]: median(runs.map(({ none }) => none.cpuPercent)),
        [`${each.name}: CPU %`]: median(runs.map(({ beside }) => beside.cpuPercent)),
      });
      checks.push({ what: `${each.name}: CPU %, beyond none`, value: cpu, limit: 2, rule: "at most" });
      if (each.count === undefined) continue;
      const statements = median(runs.map(({ beside, none }) => beside.statements - none.statements));
      Object.assign(figures, {
        [`${each.name}: statements/s, none`]: median(runs.map(({ none }) => none.statements)),
        [`${each.name}: statements/s`]: median(runs.map(({ beside }) => beside.statements)),
      });
      const what = `${each.name}: statements/s, beyond none`;
      checks.push({ what, value: statements, limit: 0.5, rule: "at most" });
    }
    return {
      figures,
      checks,
      notes: [
        `Each worker has a connection of its own and claims anew every ${CLAIM_SECONDS} s, at instants spread evenly, as \`longrunning work\` does: the requests are a part of the CPU.`,
      ],
    };
  },
};

/** A store that a server has, and what counts its statements. */
interface Watched {
  readonly name: string;
  readonly flags: readonly string[];
  readonly address?: string;
  readonly count?: (address: string) => Promise<number>;
}

/** What an idle server costs: of one processor, and of the database. */
interface Cost {
  readonly cpuPercent: number;
  readonly statements: number;
}

interface Run {
  readonly none: Cost;
  readonly beside: Cost;
}

async function runOf(setting: Setting, store: Watched, workers: number): Promise<Run> {
  const { address, flags } = store;
  await using server = await startServer(setting, {
    flags,
    ...(address === undefined ? {} : { store: address }),
  });
  const seconds = WATCHED * setting.size.seconds;
  await delay(SETTLE_MS);
  const none = await costOf(server, store, seconds);
  await using crowd = await IdleWorkers.open(server.url, workers);
  await delay(SETTLE_MS);
  const beside = await costOf(server, store, seconds);
  crowd.check();
  return { none, beside };
}

async function costOf(server: Child, { address = "", count }: Watched, seconds: number): Promise<Cost> {
  const counted = async (): Promise<number> => (await count?.(address)) ?? 0;
  const [cpu, statements] = [await server.ask("cpu"), await counted()];
  await delay(seconds * 1_000);
  const [cpuAfter, statementsAfter] = [await server.ask("cpu"), await counted()];
  const usedSeconds = (cpuAfter.cpuMicroseconds - cpu.cpuMicroseconds) / 1e6;
  return {
    cpuPercent: (100 * usedSeconds) / seconds,
    statements: (statementsAfter - statements) / seconds,
  };
}

/** Workers that claim, and are never given anything. */
class IdleWorkers implements AsyncDisposable {
  readonly #connections: readonly Connection[];
  #failure: Error | undefined;
  #isOver = false;

  static async open(url: string, count: number): Promise<IdleWorkers> {
    const connections: Connection[] = [];
    while (connections.length < count) connections.push(await Connection.open(url));
    return new IdleWorkers(connections);
  }

  private constructor(connections: readonly Connection[]) {
    this.#connections = connections;
    for (const [index, connection] of connections.entries())
      this.#work(connection, index).catch((error: unknown) => {
        this.#failure ??= error as Error;
      });
  }

  /** @throws {Error} where a claim was answered with anything but nothing */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    for (const connection of this.#connections) connection.close();
    return Promise.resolve();
  }

  async #work(connection: Connection, index: number): Promise<void> {
    // So that the next claims do not come all at once.
    let seconds = (CLAIM_SECONDS * (index + 1)) / this.#connections.length;
    while (!this.#isOver) {
      const timeout = `${seconds.toFixed(3)}s`;
      const asked = { methods: ["hold"], worker: `idle-${index}`, limit: 10, lease: "30s", timeout };
      const { status, body } = await connection.call("/v1/operations:claim", { body: JSON.stringify(asked) });
      if (status !== 200 || body.includes('"attempt"'))
        throw new Error(`A claim of an idle worker was answered with ${status}: ${body}`);
      seconds = CLAIM_SECONDS;
    }
  }
}
