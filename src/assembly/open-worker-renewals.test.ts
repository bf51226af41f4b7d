import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../core/error/error.ts";
import type { RenewalAnswer, RenewalEntry } from "../core/ports/worker-calls.ts";
import { LIMITS } from "../core/limits.ts";
import { Renewals, type Round } from "../store/leases/renewals.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { renewByCalls } from "./open-worker-renewals.ts";

const held: RenewalAnswer = { held: true, leaseMs: 30_000, cancelRequested: false, error: undefined };
const lost: RenewalAnswer = { ...held, held: false, leaseMs: 0 };

/** Renewals whose calls the test answers, by the name of each operation. */
function renewing(answer: (entry: RenewalEntry) => RenewalAnswer) {
  const clock = new ManualClock();
  const calls: {
    readonly names: readonly string[];
    readonly leaseMs: number;
    readonly timeoutMs: unknown;
  }[] = [];
  const rounds: Round[] = [];
  const failed: unknown[] = [];
  const renew = renewByCalls(
    {
      renew: async (leaseMs, entries, options) => {
        calls.push({
          names: entries.map(({ attempt }) => attempt.name),
          leaseMs,
          timeoutMs: options?.timeoutMs,
        });
        for (const { attempt, metadata } of entries)
          assert.deepEqual([attempt.attempt, attempt.token, metadata], [1, `t ${attempt.name}`, null]);
        return entries.map(answer);
      },
    },
    (count, error) => failed.push([count, (error as Error).message]),
  );
  const renewals = new Renewals({ clock, renew, hear: (round) => rounds.push(round) });
  const keep = (id: string, leftMs: number, leaseMs = 30_000): void =>
    renewals.keep({ id, attempt: 1, name: `operations/${id}`, token: `t operations/${id}` }, leaseMs, leftMs);
  return { clock, calls, rounds, failed, renewals, keep };
}

test("a lease is renewed when a third of the remaining time has passed", async () => {
  const { clock, calls, keep, renewals } = renewing(() => held);
  keep("x", 9_000);
  await clock.advance(2_999);
  assert.equal(calls.length, 0);
  await clock.advance(1);
  assert.deepEqual(calls, [{ names: ["operations/x"], leaseMs: 30_000, timeoutMs: 3_000 }]);
  await clock.advance(9_999);
  assert.equal(calls.length, 1);
  await clock.advance(1);
  assert.equal(calls.length, 2);
  renewals.stop();
});

test("answers say which leases are held, which are lost, and where to cancel", async () => {
  const { clock, rounds, keep, renewals } = renewing(({ attempt: { name } }) =>
    name.endsWith("lost") ? lost : { ...held, cancelRequested: name.endsWith("cancelled") },
  );
  for (const id of ["lost", "cancelled", "fine"]) keep(id, 9_000);
  await clock.advance(3_000);
  assert.deepEqual(rounds, [
    {
      startedAt: 3_000,
      renewed: [
        { id: "cancelled", attempt: 1 },
        { id: "fine", attempt: 1 },
      ],
      notices: [
        { lease: { id: "lost", attempt: 1 }, event: "lost" },
        { lease: { id: "cancelled", attempt: 1 }, event: "cancel-requested" },
      ],
    },
  ]);
  renewals.stop();
});

test("a released lease is not renewed", async () => {
  const { clock, calls, keep, renewals } = renewing(() => held);
  keep("x", 9_000);
  renewals.letGo({ id: "x", attempt: 1 });
  await clock.advance(60_000);
  assert.equal(calls.length, 0);
  assert.equal(clock.pending, 0);
});

test("a failed renewal is retried soon, and reported once", async () => {
  let isAway = true;
  const { clock, calls, rounds, failed, keep, renewals } = renewing(() => {
    if (isAway) throw new StatusError("UNAVAILABLE", "away");
    return held;
  });
  keep("x", 9_000);
  await clock.advance(6_000);
  assert.equal(calls.length, 2);
  isAway = false;
  await clock.advance(3_000);
  assert.equal(rounds.length, 1);
  assert.deepEqual(failed, [[1, "away"]]);
  renewals.stop();
});

test("a lease that is shorter than requested counts with its actual length", async () => {
  const { clock, rounds, keep, renewals } = renewing(() => ({ ...held, leaseMs: 20_000 }));
  keep("x", 9_000);
  await clock.advance(3_000);
  assert.deepEqual(rounds, []);
  renewals.stop();
});

test("one call has no more entries than the server accepts", async () => {
  const { clock, calls, keep, renewals } = renewing(() => held);
  for (let each = 0; each <= LIMITS.remoteEntriesMax; each++) keep(String(each), 9_000);
  await clock.advance(3_000);
  assert.deepEqual(
    calls.map(({ names }) => names.length),
    [LIMITS.remoteEntriesMax, 1],
  );
  renewals.stop();
});
