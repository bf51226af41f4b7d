import assert from "node:assert/strict";
import { test } from "node:test";
import type { Tell } from "../../core/events.ts";
import type { RenewAnswer } from "../../core/ports/store.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { type RenewAnswers, Renewals, renewByWrite, type Round } from "./renewals.ts";

const LEASE_MS = 12_000;
const held: RenewAnswer = { held: true, leaseTime: 0, revision: 1, cancelRequested: false };
const lease = (id: string) => ({ id, attempt: 1 });

/** Renewals that the test answers. By default all succeed, except for the lease "lost". */
function renewalsOn(answer: (ids: readonly string[]) => RenewAnswers | Promise<RenewAnswers> = usual) {
  const clock = new ManualClock();
  const asked: (readonly [at: number, ...ids: readonly string[]])[] = [];
  const rounds: Round[] = [];
  const renewals = new Renewals({
    clock,
    renew(commands) {
      const ids = commands.map((each) => each.id);
      asked.push([clock.monotonic(), ...ids]);
      return answer(ids);
    },
    hear: (round) => void rounds.push(round),
  });
  return { clock, asked, rounds, renewals };
}

function usual(ids: readonly string[]): RenewAnswers {
  return ids.map((id) => (id === "lost" ? { held: false } : held));
}

test("no timer is set before the first lease, nor after the last is released and its time has come", async () => {
  const { clock, asked, renewals } = renewalsOn();
  assert.equal(clock.pending, 0);
  renewals.keep(lease("a"), LEASE_MS);
  renewals.letGo(lease("a"));
  await clock.advance(LEASE_MS);
  assert.equal(clock.pending, 0);
  assert.deepEqual(asked, []);
});

test("a round reports when it began, before the store answered, and which leases it renewed", async () => {
  const { clock, rounds, renewals } = renewalsOn(async (ids) => {
    await new Promise<void>((resolve) => clock.after(500, resolve));
    return usual(ids);
  });
  for (const id of ["a", "lost"]) renewals.keep(lease(id), LEASE_MS);
  await clock.advance(LEASE_MS / 3 + 500);
  assert.deepEqual(rounds, [
    {
      startedAt: LEASE_MS / 3,
      renewed: [lease("a")],
      notices: [{ lease: lease("lost"), event: "lost" }],
    },
  ]);
});

test("a lease is renewed each third of its time, and a shorter one in time beside a longer one", async () => {
  const { clock, asked, renewals } = renewalsOn();
  renewals.keep(lease("long"), LEASE_MS);
  renewals.keep(lease("short"), LEASE_MS / 4);
  await clock.advance(LEASE_MS / 3);
  assert.deepEqual(asked, [
    [1_000, "short"],
    [2_000, "short"],
    [3_000, "long", "short"],
    [4_000, "short"],
  ]);
});

test("a released lease is not renewed, and a lost one is not renewed again", async () => {
  const { clock, asked, renewals } = renewalsOn();
  for (const id of ["a", "b", "lost"]) renewals.keep(lease(id), LEASE_MS);
  renewals.letGo(lease("a"));
  await clock.advance((LEASE_MS / 3) * 2);
  assert.deepEqual(asked, [
    [4_000, "b", "lost"],
    [8_000, "b"],
  ]);
});

test("a failed renewal is not reported, and retried before the lease is lost", async () => {
  let failing = true;
  const { clock, asked, rounds, renewals } = renewalsOn(() => (failing ? [] : [held]));
  renewals.keep(lease("a"), 3_000);
  await clock.advance(1_000);
  assert.deepEqual(rounds, []);
  failing = false;
  await clock.advance(300);
  assert.deepEqual(asked, [
    [1_000, "a"],
    [1_300, "a"],
  ]);
  assert.deepEqual(rounds, [{ startedAt: 1_300, renewed: [lease("a")], notices: [] }]);
});

test("one round at a time: leases that become due follow, and leases that are released are not reported", async () => {
  const underWay = Promise.withResolvers<RenewAnswers>();
  const answers = [underWay.promise, [held]];
  const { clock, asked, rounds, renewals } = renewalsOn(() => answers.shift() ?? []);
  renewals.keep(lease("a"), LEASE_MS);
  await clock.advance(LEASE_MS / 3);
  renewals.letGo(lease("a"));
  renewals.keep(lease("b"), LEASE_MS);
  await clock.advance(LEASE_MS);
  assert.deepEqual(asked, [[4_000, "a"]]);
  underWay.resolve([{ held: false }]);
  await clock.advance(0);
  assert.deepEqual(asked.slice(1), [[16_000, "b"]]);
  assert.deepEqual(rounds, [{ startedAt: 16_000, renewed: [lease("b")], notices: [] }]);
});

test("stop() leaves no timer behind, even during a round, and nothing is renewed any more", async () => {
  const underWay = Promise.withResolvers<RenewAnswers>();
  const { clock, asked, renewals } = renewalsOn(() => underWay.promise);
  renewals.keep(lease("a"), LEASE_MS);
  await clock.advance(LEASE_MS / 3);
  renewals.keep(lease("b"), LEASE_MS);
  renewals.stop();
  underWay.resolve([held]);
  await clock.advance(0);
  renewals.keep(lease("c"), 300);
  assert.equal(clock.pending, 0);
  await clock.advance(LEASE_MS);
  assert.deepEqual(asked, [[4_000, "a"]]);
});

test("renewByWrite() answers for each lease separately, and reports once how many failed", async () => {
  const events: unknown[] = [];
  const error = new Error("the disk is full");
  const tell: Tell = { "leases.not-renewed": (fields) => void events.push(fields) };
  const renew = renewByWrite(({ id }) => (id === "a" ? Promise.resolve(held) : Promise.reject(error)), tell);
  const commands = ["b", "a", "c"].map(
    (id) => ({ verb: "renew", ...lease(id), leaseMs: LEASE_MS, metadata: null }) as const,
  );
  assert.deepEqual(await renew(commands), [undefined, held, undefined]);
  assert.deepEqual(events, [{ count: 2, error }]);
});
