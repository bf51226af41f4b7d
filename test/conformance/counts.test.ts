import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { z } from "zod";
import { ANONYMOUS } from "../../src/core/caller.ts";
import { silence } from "../../src/core/events.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { defineMethod } from "../../src/core/method/method.ts";
import { formatName } from "../../src/core/operation/name.ts";
import { isDone, type Operation } from "../../src/core/operation/operation.ts";
import { EMPTY } from "../../src/core/operation/payload.ts";
import { ownFailure } from "../../src/core/operation/transition.ts";
import type { LiveCount } from "../../src/core/ports/statistics-store.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { PERIODS } from "../../src/core/statistics/periods.ts";
import { AttemptWrites } from "../../src/engine/attempt-writes.ts";
import { Engine } from "../../src/engine/engine.ts";
import { Records } from "../../src/engine/records.ts";
import { Reporting } from "../../src/engine/statistics/reporting.ts";
import { Tally } from "../../src/engine/statistics/tally.ts";
import { openStore } from "../../src/store/open.ts";
import { ManualClock } from "../../src/testing/manual-clock.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { emptiedDatabase } from "../support/emptying.ts";
import { postgresForTests } from "../support/postgres.ts";

const work = defineMethod({
  name: "work",
  request: z.object({}),
  retry: { attempts: 2, initialDelay: "1s", maxDelay: "1s" },
  run: () => {},
});
const keyed = defineMethod({
  name: "keyed",
  request: z.object({ key: z.string() }),
  parallel: { key: ({ key }) => key, limit: 1, when: "queue" },
  deadline: "1m",
  run: () => {},
});
const METHODS = new Map([work, keyed].map((method) => [method.name, method]));
const DOMAIN = "d";
const LEASE_MS = 20_000;

/** One of several processes on a store, with counts of its own. */
interface Process {
  readonly engine: Engine;
  readonly report: () => Promise<void>;
  /** The operations that it ended since its last report. */
  unreported: number;
}

function aProcess(store: Store, clock: ManualClock, seed: number): Process {
  const id = `process-${seed}`;
  const tally = new Tally();
  const attempts = new AttemptWrites(new Records(store, silence, tally), DOMAIN);
  const common = { clock, tell: silence, domain: DOMAIN };
  const engine = new Engine({ ...common, attempts, methods: METHODS, random: seededRandom(seed) });
  const fixed = { id, host: "h", pid: 1, version: "1", role: "all", slots: 1, methods: [] } as const;
  const process = { fixed, running: () => 0, draining: () => false };
  const reporting = new Reporting({ store, tally, process, ...common });
  // Each stop sends a report.
  const made: Process = {
    engine,
    unreported: 0,
    report: async () => {
      await reporting.stop();
      made.unreported = 0;
    },
  };
  return made;
}

const MOVES = [
  "start",
  "delay",
  "key",
  "claim",
  "complete",
  "fail",
  "give up",
  "cancel",
  "time",
  "report",
] as const;
const moves = fc.array(
  fc.record({ move: fc.constantFrom(...MOVES), which: fc.nat({ max: 1 }), pick: fc.nat({ max: 99 }) }),
  { minLength: 20, maxLength: 60 },
);
type Move = typeof moves extends fc.Arbitrary<readonly (infer One)[]> ? One : never;

/** A history of several processes, and the expected counts. */
class History {
  readonly #stores: readonly Store[];
  readonly #clock: ManualClock;
  readonly #processes: readonly Process[];
  readonly #ids: string[] = [];
  #running: Operation[] = [];

  constructor(stores: readonly Store[], clock: ManualClock) {
    this.#stores = stores;
    this.#clock = clock;
    this.#processes = stores.map((store, index) => aProcess(store, clock, index));
  }

  async run({ move, which, pick }: Move): Promise<void> {
    const process = this.#processes[which % this.#processes.length] as Process;
    const before = await this.ended();
    await this.#carryOut(move, process, pick);
    process.unreported += (await this.ended()) - before;
    if (move === "report") process.unreported = 0;
  }

  async #carryOut(move: Move["move"], process: Process, pick: number): Promise<void> {
    const { operations, attempts } = process.engine;
    const picked = this.#running[pick % Math.max(1, this.#running.length)];
    const error = ownFailure("HANDLER_FAILED", `no ${pick}`, { domain: DOMAIN });
    switch (move) {
      case "start":
        return this.#start(process, { method: "work", request: {}, priority: pick % 3 });
      case "delay":
        return this.#start(process, { method: "work", request: {}, delayMs: 1_000 * (1 + (pick % 40)) });
      case "key":
        return this.#start(process, { method: "keyed", request: { key: `k${pick % 3}` } });
      case "claim": {
        const wanted = [...METHODS.keys()].map((method) => ({ method, limit: 2 }));
        const claim = { worker: "w", leaseMs: LEASE_MS, limit: 3, wanted };
        this.#running.push(...(await attempts.claim(claim)).operations);
        return;
      }
      case "complete":
        if (picked !== undefined) await attempts.complete(picked, EMPTY);
        break;
      case "fail":
      case "give up": {
        const retryTime = move === "fail" ? this.#clock.now() + 1_000 : null;
        if (picked !== undefined) await attempts.fail(picked, { error, exception: `no ${pick}`, retryTime });
        break;
      }
      case "cancel": {
        const id = this.#ids[pick % Math.max(1, this.#ids.length)];
        if (id !== undefined) await operations.cancel(ANONYMOUS, formatName({ parent: "", id }));
        break;
      }
      case "time":
        await this.#clock.advance(pick * 1_000);
        await process.engine.sweep.round();
        break;
      case "report":
        await process.report();
        break;
    }
    this.#running = this.#running.filter((each) => each !== picked || move === "cancel");
  }

  async #start({ engine }: Process, start: Parameters<Engine["operations"]["start"]>[1]): Promise<void> {
    this.#ids.push((await engine.operations.start(ANONYMOUS, start)).id);
  }

  async records(): Promise<readonly Operation[]> {
    const [store] = this.#stores as readonly [Store];
    const records = await Promise.all(this.#ids.map((id) => store.read(id)));
    return records.filter((record) => record !== undefined);
  }

  async ended(): Promise<number> {
    return (await this.records()).filter(isDone).length;
  }

  /** All reports but the first; the first process is killed. */
  async end(): Promise<void> {
    for (const process of this.#processes.slice(1)) await process.report();
  }

  /** The operations that the killed process ended since its last report. */
  get lost(): number {
    return this.#processes[0]?.unreported ?? 0;
  }
}

function oldest(some: readonly Operation[]): number | null {
  return some.length === 0 ? null : Math.min(...some.map(({ availableTime }) => availableTime));
}

function liveCountsOf(records: readonly Operation[], now: number): readonly LiveCount[] {
  const left = records.filter((record) => !isDone(record));
  return [...Map.groupBy(left, ({ method }) => method)].map(([method, all]) => {
    const pending = all.filter(({ state }) => state === "PENDING");
    const waiting = pending.filter(({ blocked, availableTime }) => !blocked && availableTime <= now);
    const blocked = pending.filter((each) => each.blocked);
    return {
      method,
      waiting: waiting.length,
      blocked: blocked.length,
      delayed: pending.length - waiting.length - blocked.length,
      running: all.length - pending.length,
      oldestWaiting: oldest(waiting),
      oldestBlocked: oldest(blocked),
    };
  });
}

const byMethod = (counts: readonly LiveCount[]): readonly LiveCount[] =>
  counts.toSorted((a, b) => (a.method < b.method ? -1 : 1));

/** The counts of ended operations, by periods of each length. */
function countedEnds(store: Store): Promise<readonly number[]> {
  return Promise.all(
    PERIODS.map(async (period) => {
      const rows = await store.statistics.series({ period, since: 0, until: Number.MAX_SAFE_INTEGER });
      return rows.reduce((sum, { counts: c }) => sum + c.succeeded + c.failed + c.cancelled, 0);
    }),
  );
}

async function check(stores: readonly Store[], clock: ManualClock, history: readonly Move[]): Promise<void> {
  const [store] = stores as readonly [Store];
  const run = new History(stores, clock);
  for (const each of history) await run.run(each);
  const records = await run.records();
  assert.deepEqual(byMethod(await store.statistics.counts()), byMethod(liveCountsOf(records, store.time())));
  await run.end();
  const truth = records.filter(isDone).length;
  const counted = await countedEnds(store);
  // The counts include all ends of the other processes, and those of the killed one up to its last
  // report.
  assert.deepEqual(counted, [truth - run.lost, truth - run.lost, truth - run.lost]);
  while (await store.statistics.merge(store.time() + LIMITS.countsSettledMs + 3_600_000));
  assert.deepEqual(await countedEnds(store), counted, "merging loses nothing");
}

const emptied = emptiedDatabase(postgresForTests);

describe("counts after a random history of two processes, one of which is killed", () => {
  it("are correct on SQLite", async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (history) => {
        const clock = new ManualClock();
        const store = await openStore("sqlite::memory:", { clock });
        try {
          await check([store, store], clock, history);
        } finally {
          await store.close();
        }
      }),
      { numRuns: 40 },
    );
  });

  it("are correct on PostgreSQL", async () => {
    await fc.assert(
      fc.asyncProperty(moves, async (history) => {
        const address = await emptied();
        const clock = new ManualClock();
        const open = (): Promise<Store> => openStore(address, { clock, postgres: { listen: false } });
        const stores = await Promise.all([open(), open()]);
        try {
          await check(stores, clock, history);
        } finally {
          await Promise.all(stores.map((store) => store.close()));
        }
      }),
      { numRuns: 4 },
    );
  });
});
