import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { LIMITS } from "../../core/limits.ts";
import type { EventFields, Tell } from "../../core/events.ts";
import { defineMethod, type Method } from "../../core/method/method.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Store } from "../../core/ports/store.ts";
import { storeUnavailable } from "../../store/fault.ts";
import { openStore } from "../../store/open.ts";
import { aFinishedOperation, aRunningOperation, readAll, writeAll } from "../../store/suite/subject.suite.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { AttemptWrites } from "../attempt-writes.ts";
import { Engine } from "../engine.ts";
import { Records } from "../records.ts";

/** Several pages. */
const MANY = 2 * LIMITS.sweepBatch + 1;
const HOUR_MS = 3_600_000;

const pack = defineMethod({
  name: "pack",
  request: z.object({}),
  retry: { attempts: 3, initialDelay: "10s", maxDelay: "10s" },
  run: () => {},
}) as Method;

/**
 * A method whose attempts cannot be ended until it is repaired, because its retry policy cannot be
 * read.
 */
function aBrokenMethod() {
  const state = { reads: 0, broken: true };
  const method: Method = {
    ...pack,
    name: "broken",
    get retry() {
      state.reads++;
      if (state.broken) throw new Error("there is no such policy");
      return pack.retry;
    },
  };
  return { state, method };
}

/** An engine whose sweep runs by itself on an empty store, with a manual clock. */
async function openSweeping(address: string, methods: readonly Method[]) {
  const clock = new ManualClock();
  const random = seededRandom(1);
  const store = await openStore(address, { clock, random });
  const passedOver: EventFields<"sweep.passed-over">[] = [];
  const tell: Tell = { "sweep.passed-over": (fields) => void passedOver.push(fields) };
  const named = new Map(methods.map((method) => [method.name, method]));
  const attempts = new AttemptWrites(new Records(store, tell), "d");
  const engine = new Engine({ attempts, methods: named, clock, random, tell, domain: "d" });
  return {
    clock,
    store,
    engine,
    passedOver,
    /** Runs everything that is ready, without advancing time, until the condition holds. */
    until: async (condition: () => Promise<boolean>): Promise<void> => {
      while (!(await condition())) await clock.advance(0);
    },
    [Symbol.asyncDispose]: async () => {
      await engine.stop();
      await store.close();
    },
  };
}

/**
 * Another engine reopens a closed store, and {@link openSweeping} finds the operations left behind.
 */
export function restartTest(name: string, anAddress: () => Promise<string>): void {
  test(`${name}: a restart ends at once the attempts that its own file left running, whatever their leases`, async () => {
    const address = await anAddress();
    let lost: readonly Operation[];
    {
      await using before = await openSweeping(address, [pack]);
      lost = lostAttempts(MANY, before.clock.now() + HOUR_MS);
      await fill(before.store, lost);
    }
    await using sweeping = await openSweeping(address, [pack]);
    sweeping.engine.start();
    await sweeping.until(() => allAre(sweeping.store, lost, "PENDING"));
    for (const each of await readAll(
      sweeping.store,
      lost.map(({ id }) => id),
    )) {
      assert.deepEqual([each?.attempt, each?.failedAttempts], [1, 1], "the attempt counts");
      assert.ok((each?.availableTime ?? 0) <= sweeping.store.time() + 10_000);
    }
  });
}

/** Stores running or finished operations in a few writes. */
async function fill(store: Store, operations: readonly Operation[]): Promise<void> {
  for (let from = 0; from < operations.length; from += LIMITS.writeBatchMax) {
    const part = operations.slice(from, from + LIMITS.writeBatchMax);
    await writeAll(
      store,
      part.map((operation) => ({ verb: "insert", operation: begun(operation) }) as const),
    );
    await writeAll(
      store,
      part.map((next) => ({ verb: "replace", next, expectedRevision: 1 }) as const),
    );
  }
}

function begun({ id, method, createTime, timeToLiveMs, deadlineTime }: Operation): Operation {
  return anOperation({ id, method, createTime, timeToLiveMs, deadlineTime, availableTime: createTime });
}

/** This many attempts of a method, with the given end of their leases. */
function lostAttempts(count: number, leaseTime: number, method = "pack"): readonly Operation[] {
  return Array.from({ length: count }, () =>
    aRunningOperation(leaseTime, { method, createTime: leaseTime - 1 }),
  );
}

/** Whether all operations are in a state; undefined for removed ones. */
async function allAre(
  store: Store,
  operations: readonly Operation[],
  state: Operation["state"] | undefined,
): Promise<boolean> {
  const found = await readAll(
    store,
    operations.map(({ id }) => id),
  );
  return found.every((each) => each?.state === state);
}

/**
 * Tests the sweep with its own loops on a store.
 *
 * @param anAddress the address of an empty store
 */
export function overdueSuite(name: string, anAddress: () => Promise<string>): void {
  test(`${name}: many leases that expire at once are ended at once`, async () => {
    await using sweeping = await openSweeping(await anAddress(), [pack]);
    const lost = lostAttempts(MANY, sweeping.clock.now());
    await fill(sweeping.store, lost);
    sweeping.engine.start();
    await sweeping.until(() => allAre(sweeping.store, lost, "PENDING"));
    const delays = (
      await readAll(
        sweeping.store,
        lost.map(({ id }) => id),
      )
    ).map((each) => (each?.availableTime ?? 0) - sweeping.clock.now());
    assert.ok(Math.min(...delays) >= 5_000 && Math.max(...delays) <= 10_000, "after the method's delay");
  });

  test(`${name}: many deadlines that expire at once end their operations at once`, async () => {
    await using sweeping = await openSweeping(await anAddress(), [pack]);
    const now = sweeping.clock.now();
    const late = Array.from({ length: MANY }, () => anOperation({ method: "pack", deadlineTime: now }));
    await writeAll(
      sweeping.store,
      late.map((operation) => ({ verb: "insert", operation }) as const),
    );
    sweeping.engine.start();
    await sweeping.until(() => allAre(sweeping.store, late, "FAILED"));
  });

  test(`${name}: many records that expire at once are removed at once`, async () => {
    await using sweeping = await openSweeping(await anAddress(), [pack]);
    const old = Array.from({ length: MANY }, () => aFinishedOperation({ method: "pack", timeToLiveMs: 0 }));
    await fill(sweeping.store, old);
    sweeping.engine.start();
    await sweeping.until(() => allAre(sweeping.store, old, undefined));
  });

  test(`${name}: leases, deadlines and the purge do not wait for one another`, async () => {
    for (const stuck of ["lease", "deadline", "purge"]) {
      await using sweeping = await openSweeping(await anAddress(), [pack]);
      const { store, clock } = sweeping;
      const [lost] = lostAttempts(1, clock.now());
      const late = anOperation({ method: "pack", deadlineTime: clock.now() });
      const old = aFinishedOperation({ method: "pack", timeToLiveMs: 0 });
      assert.ok(lost !== undefined);
      await fill(store, [lost, old]);
      await store.write({ verb: "insert", operation: late });
      const released = Promise.withResolvers<never>();
      const [due, write] = [store.due.bind(store), store.write.bind(store)];
      store.due = (query) => (query.by === stuck ? released.promise : due(query));
      store.write = (command) => (command.verb === stuck ? released.promise : write(command));
      sweeping.engine.start();
      await sweeping.until(async () => {
        const [lostNow, lateNow, oldNow] = await readAll(store, [lost.id, late.id, old.id]);
        return (
          (stuck === "lease" || lostNow?.state === "PENDING") &&
          (stuck === "deadline" || lateNow?.state === "FAILED") &&
          (stuck === "purge" || oldNow === undefined)
        );
      });
      released.reject(new Error("the store is away"));
    }
  });

  test(`${name}: thousands of operations that cannot be ended stop neither the others nor the purge`, async () => {
    const { state, method } = aBrokenMethod();
    await using sweeping = await openSweeping(await anAddress(), [pack, method]);
    const broken = lostAttempts(MANY, sweeping.clock.now() - HOUR_MS, "broken");
    const lost = lostAttempts(3, sweeping.clock.now());
    const old = aFinishedOperation({ method: "pack", timeToLiveMs: 0 });
    await fill(sweeping.store, [...broken, ...lost, old]);
    sweeping.engine.start();
    await sweeping.until(() => allAre(sweeping.store, lost, "PENDING"));
    await sweeping.until(() => allAre(sweeping.store, [old], undefined));
    assert.equal(await allAre(sweeping.store, broken, "RUNNING"), true);
    assert.deepEqual(
      [state.reads, sweeping.passedOver.length],
      [MANY, 1],
      "each was tried once, and one line tells",
    );
    state.broken = false;
    await sweeping.clock.advance(LIMITS.sweepRetryMsMin);
    await sweeping.until(() => allAre(sweeping.store, broken, "PENDING"));
  });

  test(`${name}: an operation that the store itself cannot write stops no other in the same batch`, async () => {
    // This policy makes a next attempt's time that no store can keep.
    const odd: Method = { ...pack, name: "odd", retry: { ...pack.retry, maxDelayMs: Number.NaN } };
    await using sweeping = await openSweeping(await anAddress(), [pack, odd]);
    const now = sweeping.clock.now();
    const [some, others] = [lostAttempts(200, now - 1), lostAttempts(200, now)];
    const broken = lostAttempts(3, now, "odd");
    await fill(sweeping.store, [...some, ...broken, ...others]);
    sweeping.engine.start();
    await sweeping.until(() => allAre(sweeping.store, [...some, ...others], "PENDING"));
    assert.equal(await allAre(sweeping.store, broken, "RUNNING"), true);
  });

  test(`${name}: an operation that is locked for long stops no other, and an unavailable store ends the walk`, async () => {
    await using sweeping = await openSweeping(await anAddress(), [pack]);
    const { store, engine } = sweeping;
    const lost = lostAttempts(5, sweeping.clock.now());
    const [locked, ...others] = lost;
    assert.ok(locked !== undefined);
    await fill(store, lost);
    const write = store.write.bind(store);
    let isAway = true;
    let tries = 0;
    store.write = (command) => {
      if (command.verb !== "replace") return write(command);
      tries++;
      const fails = isAway || command.next.id === locked.id;
      return fails ? Promise.reject(storeUnavailable(new Error("locked"))) : write(command);
    };
    await assert.rejects(engine.sweep.round(), { reason: "STORE_UNAVAILABLE" });
    isAway = false;
    await engine.sweep.round();
    assert.equal(await allAre(store, others, "PENDING"), true, "nothing was held against them");
    assert.equal(tries, 10);
    await engine.sweep.round();
    assert.equal(tries, 10, "the one that is locked is tried again later");
  });

  test(`${name}: an operation that cannot be ended is retried after growing pauses`, async () => {
    const { state, method } = aBrokenMethod();
    await using sweeping = await openSweeping(await anAddress(), [method]);
    const [broken] = lostAttempts(1, sweeping.clock.now(), "broken");
    assert.ok(broken !== undefined);
    await fill(sweeping.store, [broken]);
    const tried: number[] = [];
    for (let second = 0; second <= 16; second++) {
      const before = state.reads;
      await sweeping.engine.sweep.round();
      if (state.reads > before) tried.push(second);
      await sweeping.clock.advance(1_000);
    }
    assert.deepEqual(tried, [0, 1, 3, 7, 15]);
  });
}
