import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageChannel } from "node:worker_threads";
import { systemClock } from "../../core/ports/clock.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { aRunningOperation } from "../suite/subject.suite.ts";
import { openForReading, openForWriting } from "./connection.ts";
import { LeaseTable } from "../leases/lease-table.ts";
import type { Round } from "../leases/renewals.ts";
import { ThreadRenewals } from "../leases/thread-renewals.ts";
import { migrate, newestTime } from "./schema.ts";
import { asUnderWatch } from "../../../test/support/watched-threads.ts";
import { ThreadWriter } from "./writer-thread.ts";

const UNAVAILABLE = { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" };

function migrated(path: string): void {
  const database = openForWriting(path);
  migrate(database, 0);
  database.close();
}

function aLink() {
  const { port1: port, port2 } = new MessageChannel();
  const table = new LeaseTable();
  return { port, table, link: { port: port2, leases: table.buffer } };
}

async function aThread(path: string, onDeath: (error: Error) => void): Promise<ThreadWriter> {
  migrated(path);
  return ThreadWriter.start(path, aLink().link, onDeath);
}

function assertRefused(result: PromiseSettledResult<unknown>): void {
  assert.equal(result.status, "rejected");
  assert.equal(result.reason.code, UNAVAILABLE.code);
  assert.equal(result.reason.reason, UNAVAILABLE.reason);
}

test("a thread that dies refuses waiting and later commands, and can be closed", async (context) => {
  const deaths: Error[] = [];
  const writer = await aThread(aDatabaseFile(context), (error) => void deaths.push(error));
  const commands = [{ verb: "insert", operation: anOperation() } as const];
  const ending = writer.terminate();
  // The thread was told to end before these are sent, but has not reported its end yet: they wait,
  // and are then rejected.
  const waiting = await Promise.allSettled(Array.from({ length: 100 }, () => writer.write(commands, 0)));
  for (const each of waiting) assertRefused(each);
  await ending;
  await assert.rejects(writer.write(commands, 0), UNAVAILABLE);
  await assert.rejects(writer.settings(), UNAVAILABLE);
  assert.equal(deaths.length, 1);
  await writer.close(0);
});

test("under node --watch, where the thread reports its modules, each call gets its own answer", async (context) => {
  await asUnderWatch(async () => {
    const writer = await aThread(aDatabaseFile(context), () => {});
    const commands = [{ verb: "insert", operation: anOperation() } as const];
    const [report, settings, other] = await Promise.all([
      writer.write(commands, 0),
      writer.settings(),
      writer.write([], 0),
    ]);
    assert.deepEqual([report.outcomes.length, settings.synchronous, other.outcomes.length], [1, "full", 0]);
    await writer.close(0);
  });
});

test("a thread that is closed has not died", async (context) => {
  const deaths: Error[] = [];
  const writer = await aThread(aDatabaseFile(context), (error) => void deaths.push(error));
  await writer.close(0);
  assert.deepEqual(deaths, []);
  await assert.rejects(writer.write([], 0), UNAVAILABLE);
});

test("the thread renews by the time that it was given, and reads no wall clock", async (context) => {
  const path = aDatabaseFile(context);
  migrated(path);
  const { link, port, table } = aLink();
  const writer = await ThreadWriter.start(path, link, () => {});
  const then = Date.UTC(2030, 0, 1);
  // By the wall clock neither has expired.
  const [held, expired] = [then + 60_000, then].map((leaseTime) =>
    aRunningOperation(leaseTime, { createTime: then, availableTime: then }),
  );
  assert.ok(held !== undefined && expired !== undefined);
  await writer.write(
    [held, expired].map((operation) => ({ verb: "insert", operation }) as const),
    then,
  );
  const told = new Map<string, string>();
  const all = Promise.withResolvers<void>();
  const hear = ({ renewed, notices }: Round): void => {
    for (const { id } of renewed) told.set(id, "renewed");
    for (const { lease, event } of notices) told.set(lease.id, event);
    if (told.size === 2) all.resolve();
  };
  const renewals = new ThreadRenewals({ port, table, clock: systemClock, hear });
  for (const { id } of [held, expired]) renewals.keep({ id, attempt: 1 }, 300);
  port.ref();
  await all.promise;
  assert.deepEqual([told.get(held.id), told.get(expired.id)], ["renewed", "lost"]);
  await writer.close(then);
  const database = openForReading(path);
  assert.equal(newestTime(database), then, "the file knows what the time was");
  database.close();
});

test("a thread that cannot open its file says so", async (context) => {
  await assert.rejects(
    ThreadWriter.start(`${aDatabaseFile(context)}/no/such/folder`, aLink().link, () => {}),
    /unable to open database file/,
  );
});
