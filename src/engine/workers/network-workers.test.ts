import assert from "node:assert/strict";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { ProcessRow } from "../../core/ports/statistics-store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ANONYMOUS } from "../../core/caller.ts";
import { NetworkWorkers } from "./network-workers.ts";
import type { Claim } from "./worker-calls.ts";
import { forged, openWorkersBench, struct } from "./workers.suite.ts";

const PROCESS = { id: "h-1-a", host: "h", pid: 1 };
const LEASE_MS = 60_000;

function open() {
  const clock = new ManualClock();
  const workers = new NetworkWorkers({ clock, time: () => clock.now() });
  const claiming = (worker: string, limit = 1, workerVersion = ""): (() => void) =>
    workers.claiming({ worker, workerVersion, methods: ["pack"], limit });
  return {
    clock,
    workers,
    claiming,
    /** A whole claim. */
    claim: (worker: string, ...names: readonly string[]): readonly Claim[] => {
      const end = claiming(worker);
      const claims = names.map((name) => {
        const attempt = { name, attempt: 1, token: "t" };
        return { attempt, operation: anOperation(), leaseMs: LEASE_MS };
      });
      workers.claimed(worker, claims);
      end();
      return claims;
    },
    rows: () => workers.rows(PROCESS),
  };
}

/** What changes of rows: name, attempts held, slots, and whether it is the last. */
const facts = (rows: readonly ProcessRow[]): readonly (readonly unknown[])[] =>
  rows.map(({ id, running, slots, draining }) => [id, running, slots, draining]);

test("a worker is listed with its methods, the attempts that it holds, and its slots", async () => {
  const { clock, workers, claiming, claim, rows } = open();
  assert.deepEqual(rows(), []);
  const began = clock.now();
  const [first, second] = claim("far", "a", "b");
  await clock.advance(1_000);
  const end = claiming("far", 5, "1.4.2");
  assert.deepEqual(rows(), [
    {
      id: "far via h-1-a",
      host: "h",
      pid: 1,
      version: "1.4.2",
      role: "remote",
      startTime: began,
      seenTime: began + 1_000,
      slots: 7,
      running: 2,
      draining: false,
      methods: ["pack"],
    },
  ]);
  end();
  assert.ok(first !== undefined && second !== undefined);
  workers.ended(first.attempt);
  workers.ended(first.attempt);
  assert.deepEqual(facts(rows()), [["far via h-1-a", 1, 1, false]]);
  workers.ended(second.attempt);
  assert.deepEqual(facts(rows()), [["far via h-1-a", 0, 1, false]]);
});

test("an attempt is held until its lease has passed, and a renewal makes the lease longer", async () => {
  const { clock, workers, claim, rows } = open();
  const [claimed] = claim("far", "a");
  assert.ok(claimed !== undefined);
  await clock.advance(LEASE_MS - 1);
  workers.renewed(claimed.attempt, LEASE_MS);
  await clock.advance(LEASE_MS - 1);
  assert.deepEqual(facts(rows()), [["far via h-1-a", 1, 1, false]]);
  await clock.advance(1);
  // It has not called for a minute.
  assert.deepEqual(facts(rows()), [["far via h-1-a", 0, 1, true]]);
  await clock.advance(LIMITS.reportIdleMs);
  assert.deepEqual(rows(), []);
  workers.renewed(claimed.attempt, LEASE_MS);
  assert.deepEqual(rows(), [], "an attempt of a worker that nobody knows");
});

test("rows are reported when they change, and otherwise rarely; a waiting claim keeps a worker alive", async () => {
  const { clock, claiming, rows } = open();
  const end = claiming("far");
  assert.equal(rows().length, 1);
  assert.equal(rows().length, 0);
  await clock.advance(LIMITS.reportIdleMs - 1);
  assert.equal(rows().length, 0);
  await clock.advance(1);
  assert.equal(rows()[0]?.seenTime, clock.now());
  await clock.advance(LIMITS.networkWorkerGoneMs);
  assert.deepEqual(facts(rows()), [["far via h-1-a", 0, 1, false]]);
  end();
  assert.deepEqual(facts(rows()), [["far via h-1-a", 0, 1, false]]);
  await clock.advance(LIMITS.networkWorkerGoneMs);
  assert.deepEqual(facts(rows()), [["far via h-1-a", 0, 1, true]]);
});

test("each report contains few workers, beginning with those that were not reported for the longest time", async () => {
  const { clock, claim, rows } = open();
  const most = LIMITS.networkWorkersReportedMax;
  for (let index = 0; index < most + 10; index++) claim(`w${index}`, `a${index}`);
  assert.equal(rows().length, most);
  await clock.advance(1);
  for (let index = 0; index < most + 10; index++) claim(`w${index}`, `b${index}`);
  const later = rows();
  assert.equal(later.length, most);
  for (let index = most; index < most + 10; index++)
    assert.ok(
      later.some(({ id }) => id === `w${index} via h-1-a`),
      `w${index}`,
    );
});

test("the number of workers and of attempts has a limit: the oldest are forgotten", async () => {
  const { workers, claim } = open();
  for (let index = 0; index <= LIMITS.networkWorkersMax; index++) claim(`w${index}`);
  const rows = workers.rows(PROCESS, true);
  assert.equal(rows.length, LIMITS.networkWorkersMax);
  assert.ok(rows.every(({ id, draining }) => draining && id !== "w0 via h-1-a"));
  const names = Array.from({ length: LIMITS.rememberedAttemptsMax + 1 }, (_, index) => `n${index}`);
  claim("far", ...names);
  assert.equal(workers.rows(PROCESS)[0]?.running, LIMITS.rememberedAttemptsMax);
});

test("an outcome ends the holding of its attempt, and a refused one does not", async () => {
  await using bench = await openWorkersBench();
  const { workers } = bench.engine;
  for (const _ of [1, 2, 3]) await bench.start();
  const [first, second, third] = [await bench.claimOne(), await bench.claimOne(), await bench.claimOne()];
  const held = () => workers.callers.rows(PROCESS)[0]?.running;
  assert.equal(held(), 3);
  const response = struct({ size: 3 });
  const [refused] = await workers.complete(ANONYMOUS, [
    { attempt: forged(first.attempt, second.attempt), response },
  ]);
  assert.notEqual(refused?.error, undefined);
  await workers.complete(ANONYMOUS, [{ attempt: first.attempt, response }]);
  assert.equal(held(), 2);
  await workers.release(ANONYMOUS, { attempts: [second.attempt, third.attempt] });
  assert.equal(held(), 0);
});
