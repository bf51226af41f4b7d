import { setTimeout as delay } from "node:timers/promises";
import { transition } from "../../src/core/operation/transition.ts";
import type { Store } from "../../src/core/ports/store.ts";
import { openStore } from "../../src/store/open.ts";
import { SteadyCallers, type SteadyStarts } from "../load/steady.ts";
import { type Check, type Finding, type Measure, median, type Setting, startServer } from "../measure.ts";
import { type Filling, postgresStore, sqliteStore, type SweptStore } from "../swept/store.ts";

/** Operations in one write: more than the sweep takes, because nothing has to wait behind it. */
const BATCH = 500;
const STARTS_PER_SECOND = 300;
const LOOK_MS = 20;
/**
 * The time from filling a store until all leases expire; by then, anything that waited for the
 * filling is over.
 */
const LEASE_MS = 3_000;
/** A measure that takes longer fails: all measures together should take a few minutes at most. */
const PATIENCE_MS = 60_000;

export const lostLeases: Measure = {
  name: "lost-leases",
  title: "Leases that expire at the same time, during 300 starts/s: how fast their operations continue",
  async run(setting) {
    const { lost, runs } = setting.size;
    return onBothStores(setting, "lost", async (store, figures, checks) => {
      const own = await ownReplaceRate(store, Math.min(lost, 5_000));
      await using server = await startServer(setting, {
        store: store.address,
        flags: ["--concurrency", "0"],
      });
      const rates: number[] = [];
      const callers: SteadyStarts[] = [];
      for (let run = 0; run < runs; run++) {
        await using steady = new SteadyCallers(server.url, STARTS_PER_SECOND);
        const passing = performance.now() + LEASE_MS;
        await store.add({ count: lost, state: "RUNNING", inMs: LEASE_MS });
        await steady.stop();
        await using meanwhile = new SteadyCallers(server.url, STARTS_PER_SECOND);
        await delay(Math.max(0, passing - performance.now()));
        const tookMs = await untilNoneIsLeft(store, "RUNNING", passing);
        rates.push((lost / tookMs) * 1_000);
        callers.push(await meanwhile.stop());
      }
      const rate = median(rates);
      Object.assign(figures, {
        [`${store.name}: operations/s`]: rate,
        [`${store.name}: operations/s of the store alone`]: own,
        ...delayFigures(store, callers),
      });
      checks.push(shareCheck(store, rate / own, 0.3));
      checks.push(delayCheck(store, callers));
    });
  },
};

export const restart: Measure = {
  name: "restart",
  title: "A server that was killed with many running operations: how soon they continue",
  async run(setting) {
    const { interrupted, runs } = setting.size;
    const [ended, again]: [number[], number[]] = [[], []];
    for (let run = 0; run < runs; run++) {
      await using store = await sqliteStore(setting.folder, `restart-${run}`);
      await store.add({ count: interrupted, state: "RUNNING", inMs: 3_600_000 });
      await using server = await startServer(setting, { store: store.address });
      const listening = performance.now();
      ended.push(await untilNoneIsLeft(store, "RUNNING", listening));
      await untilAllAreDone(server.url);
      again.push(performance.now() - listening);
    }
    return {
      figures: {
        "operations running": interrupted,
        "ms until all attempts are ended": median(ended),
        "ms until all have succeeded": median(again),
      },
      checks: [
        { what: "ms until all attempts are ended", value: median(ended), limit: 1_000, rule: "at most" },
        { what: "ms until all have succeeded", value: median(again), limit: 5_000, rule: "at most" },
      ],
      notes: [
        "The time counts from the first line that the server prints. The second figure includes the method's delay after a failed attempt, 0.5 to 1 s. Measured on SQLite. On PostgreSQL, other processes can run the operations of a killed process, after its leases have expired.",
      ],
    };
  },
};

export const purge: Measure = {
  name: "purge",
  title: "Records past their time to live, removed during 300 starts/s",
  async run(setting) {
    const { expired } = setting.size;
    return onBothStores(setting, "purge", async (store, figures, checks) => {
      const sample = expired / 10;
      await store.add({ count: expired + sample, state: "SUCCEEDED", inMs: -1 });
      const own = await ownPurgeRate(store, sample);
      await using server = await startServer(setting, {
        store: store.address,
        flags: ["--concurrency", "0"],
      });
      const began = performance.now();
      await using steady = new SteadyCallers(server.url, STARTS_PER_SECOND);
      const tookMs = await untilNoneIsLeft(store, "SUCCEEDED", began);
      const callers = [await steady.stop()];
      const rate = (expired / tookMs) * 1_000;
      Object.assign(figures, {
        [`${store.name}: records/s`]: rate,
        [`${store.name}: records/s of the store alone`]: own,
        ...delayFigures(store, callers),
      });
      checks.push(shareCheck(store, rate / own, 0.25));
      checks.push(delayCheck(store, callers));
    });
  },
};

/** Measures first on a new SQLite file, then on a new PostgreSQL. */
async function onBothStores(
  setting: Setting,
  name: string,
  measure: (store: SweptStore, figures: Record<string, number>, checks: Check[]) => Promise<void>,
): Promise<Finding> {
  const figures: Record<string, number> = {};
  const checks: Check[] = [];
  for (const open of [() => sqliteStore(setting.folder, name), postgresStore]) {
    await using store = await open();
    await measure(store, figures, checks);
  }
  return {
    figures,
    checks,
    notes: [
      "Stores are filled with SQL. *The store alone* is the same writes, 500 operations each, one after the other, with no other load. The delay of a start counts from the instant at which it was scheduled.",
    ],
  };
}

/** Milliseconds from an instant until no filled-in operation is left unchanged. */
async function untilNoneIsLeft(store: SweptStore, state: Filling["state"], from: number): Promise<number> {
  while (await store.hasLeft(state)) {
    if (performance.now() - from > PATIENCE_MS) throw new Error(`${store.name}: some are left`);
    await delay(LOOK_MS);
  }
  return performance.now() - from;
}

async function untilAllAreDone(url: string): Promise<void> {
  for (const began = performance.now(); performance.now() - began < PATIENCE_MS; ) {
    const response = await fetch(
      `${url}/v1/operations?pageSize=1&filter=${encodeURIComponent("done = false")}`,
    );
    const { operations = [] } = (await response.json()) as { readonly operations?: readonly unknown[] };
    if (operations.length === 0) return;
    await delay(LOOK_MS);
  }
  throw new Error("Some have not ended");
}

/**
 * Ends attempts whose leases have expired, with the writes of the sweep, as fast as the store
 * accepts them.
 */
async function ownReplaceRate(swept: SweptStore, count: number): Promise<number> {
  await swept.add({ count, state: "RUNNING", inMs: -1 });
  return onStore(swept, async (store) => {
    let tookMs = 0;
    let ended = 0;
    while (ended < count) {
      const { ids } = await store.due({ by: "lease", limit: BATCH, after: null });
      const found = await Promise.all(ids.map((id) => store.read(id)));
      const now = store.time();
      const commands = found.flatMap((each) => {
        const next = each && transition(each, { type: "expire", now, retryTime: now }).next;
        return next === undefined
          ? []
          : [{ verb: "replace", next, expectedRevision: next.revision - 1 } as const];
      });
      const began = performance.now();
      await Promise.all(commands.map((command) => store.write(command)));
      tookMs += performance.now() - began;
      ended += commands.length;
      if (commands.length === 0) throw new Error("Nothing is due");
    }
    return (ended / tookMs) * 1_000;
  });
}

async function ownPurgeRate(swept: SweptStore, count: number): Promise<number> {
  return onStore(swept, async (store) => {
    const began = performance.now();
    let removed = 0;
    while (removed < count) {
      const { ids } = await store.write({ verb: "purge", limit: BATCH });
      removed += ids.length;
    }
    return (removed / (performance.now() - began)) * 1_000;
  });
}

async function onStore<Result>(swept: SweptStore, use: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(swept.address, { keepsLeases: false });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

function delayFigures({ name }: SweptStore, callers: readonly SteadyStarts[]): Record<string, number> {
  return {
    [`${name}: p50 ms of a start meanwhile`]: median(callers.map((each) => each.p50)),
    [`${name}: p99 ms`]: median(callers.map((each) => each.p99)),
    [`${name}: max ms`]: median(callers.map((each) => each.max)),
  };
}

function shareCheck({ name }: SweptStore, value: number, limit: number): Check {
  return { what: `${name}: share of the store's own rate`, value, limit, rule: "at least" };
}

function delayCheck({ name }: SweptStore, callers: readonly SteadyStarts[]): Check {
  return {
    what: `${name}: p99 ms of a start meanwhile`,
    value: median(callers.map((each) => each.p99)),
    limit: 100,
    rule: "at most",
  };
}
