import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";
import { LIMITS } from "../../core/limits.ts";
import { systemClock } from "../../core/ports/clock.ts";
import type { Lease } from "../../core/ports/lease-keeper.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { openStore } from "../open.ts";
import { aDatabaseFile } from "../sqlite/a-database.suite.ts";
import { LeaseTable } from "./lease-table.ts";
import type { Round } from "./renewals.ts";
import { threadSuite } from "./thread.suite.ts";
import { processMs, renewLeases, ThreadRenewals } from "./thread-renewals.ts";

const LEASE_MS = 900;

threadSuite((context) => openStore(`sqlite:${aDatabaseFile(context)}`));

/** Both sides in this thread. */
function bothEnds() {
  const { port1, port2 } = new MessageChannel();
  const table = new LeaseTable();
  const rounds: Round[] = [];
  const renewals = new ThreadRenewals({
    port: port1,
    table,
    clock: new ManualClock(),
    hear: (round) => void rounds.push(round),
  });
  return { renewals, rounds, table, link: { port: port2, leases: table.buffer } };
}

test("the thread is woken only for a lease that is shorter than all before, which is in the table by then", () => {
  const { renewals, table, link } = bothEnds();
  const told: unknown[] = [];
  for (const leaseMs of [900, 900, 1_200, 300, 600]) {
    renewals.keep({ id: anOperation().id, attempt: 1 }, leaseMs);
    told.push(receiveMessageOnPort(link.port)?.message);
    assert.equal(table.read().at(-1)?.leaseMs, leaseMs);
  }
  assert.deepEqual(told, [75, undefined, undefined, 25, undefined]);
  renewals.stop();
});

test("attempts that end at once wake the thread once, however many, over a network too", () => {
  const { renewals, table, link } = bothEnds();
  const told: unknown[] = [];
  for (let each = 0; each < 1_000; each++) {
    const { id } = anOperation();
    const lease = { id, attempt: 1, name: `projects/p/operations/${id}`, token: "t".repeat(30) };
    // The first lease of an attempt is short, and the answer to the claim took some of it.
    renewals.keep(lease, LIMITS.remoteLeaseMsMax, LIMITS.remoteFirstLeaseMs - (each % 2_000));
    renewals.letGo(lease);
    for (let got; (got = receiveMessageOnPort(link.port)) !== undefined; ) told.push(got.message);
  }
  assert.deepEqual(told, [LIMITS.leaseLookMsMax]);
  assert.deepEqual(table.read(), []);
  renewals.stop();
});

test("a lease whose first renewal comes before the next look wakes the thread, and others are not looked for more often", () => {
  const { renewals, link } = bothEnds();
  const told: unknown[] = [];
  for (const leftMs of [10_000, 7_501, 7_500, 1, -1, 10_000]) {
    renewals.keep({ id: anOperation().id, attempt: 1 }, 30_000, leftMs);
    told.push(receiveMessageOnPort(link.port)?.message);
  }
  assert.deepEqual(told, [2_500, undefined, 2_500, 2_500, 2_500, undefined]);
  renewals.stop();
});

test("the first renewal comes after a third of the time that was left, with the name and the token", async () => {
  const beforeMs = processMs();
  const { renewals, rounds, table, link } = bothEnds();
  const lease = { id: "x", attempt: 1, name: "operations/x", token: "t" };
  // A third of the whole lease takes longer than this test may.
  const leaseMs = 3_600_000;
  renewals.keep(lease, leaseMs, 30);
  const dueMs = (table.read()[0]?.dueAt ?? 0) - 10;
  assert.ok(dueMs >= beforeMs - 1 && dueMs <= processMs() + 1, `${dueMs} after ${beforeMs}`);
  const asked = Promise.withResolvers<unknown>();
  const stop = renewLeases(link, (commands) => {
    asked.resolve(commands);
    return commands.map(() => ({ held: true, leaseTime: 0, revision: 1, cancelRequested: false }));
  });
  assert.deepEqual(await asked.promise, [{ verb: "renew", ...lease, leaseMs, metadata: null }]);
  stop();
  await Promise.resolve();
  renewals.catchUp();
  assert.deepEqual(
    rounds.map(({ renewed, notices }) => ({ renewed, notices })),
    [{ renewed: [{ id: "x", attempt: 1 }], notices: [] }],
  );
  renewals.stop();
});

test("a lease has one slot, however often it is kept, and none once it is released", () => {
  const { renewals, table } = bothEnds();
  const lease = { id: anOperation().id, attempt: 2 };
  renewals.keep(lease, LEASE_MS);
  renewals.keep(lease, LEASE_MS * 2);
  const [kept] = table.read();
  assert.deepEqual([table.read().length, kept?.id, kept?.leaseMs], [1, lease.id, LEASE_MS * 2]);
  renewals.letGo(lease);
  renewals.letGo(lease);
  assert.deepEqual(table.read(), []);
  renewals.stop();
});

test("the thread renews the leases in the table; catchUp() reads its rounds, on this thread's clock", async () => {
  const madeAt = systemClock.monotonic();
  const { renewals, rounds, link } = bothEnds();
  const [gone, kept] = [anOperation().id, anOperation().id].map((id): Lease => ({ id, attempt: 1 }));
  assert.ok(gone !== undefined && kept !== undefined);
  const asked: string[] = [];
  const [both, one] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stop = renewLeases(link, (commands) => {
    asked.push(...commands.map(({ id }) => id));
    if (asked.includes(gone.id) && asked.includes(kept.id)) both.resolve();
    // A slow thread may renew the other one once more before it looks at the table.
    if (asked.slice(-3).join() === [kept.id, kept.id, kept.id].join()) one.resolve();
    return commands.map(() => ({ held: true, leaseTime: 0, revision: 1, cancelRequested: false }));
  });
  for (const lease of [gone, kept]) renewals.keep(lease, 120);
  await both.promise;
  renewals.letGo(gone);
  await one.promise;
  stop();
  await Promise.resolve();
  renewals.catchUp();
  const renewed = rounds.flatMap((round) => round.renewed.map(({ id }) => id));
  assert.deepEqual(renewed, asked);
  // The clock of this side was 0 when it was made.
  const renewedMs = rounds[0]?.startedAt ?? 0;
  assert.ok(renewedMs > 39.9 && renewedMs <= systemClock.monotonic() - madeAt, `${renewedMs} ms`);
  renewals.stop();
});
