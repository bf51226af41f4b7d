import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { aDatabaseFile } from "./a-database.suite.ts";
import { aRunningOperation } from "../suite/subject.suite.ts";
import { openForReading, openForWriting } from "./connection.ts";
import { LeaseSlots } from "../leases/lease-slots.ts";
import { processTime } from "../leases/process-time.ts";
import { Reader } from "./reader.ts";
import { migrate, newestTime } from "./schema.ts";
import { ThreadWriter } from "./writer-thread.ts";

const UNAVAILABLE = { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" };

function migrated(path: string): void {
  const database = openForWriting(path);
  migrate(database, 0);
  database.close();
}

async function aThread(path: string, onDeath: (error: Error) => void): Promise<ThreadWriter> {
  migrated(path);
  return ThreadWriter.start(path, new LeaseSlots(), onDeath);
}

function assertRefused(result: PromiseSettledResult<unknown>): void {
  assert.equal(result.status, "rejected");
  assert.equal(result.reason.code, UNAVAILABLE.code);
  assert.equal(result.reason.reason, UNAVAILABLE.reason);
}

test("a thread that dies refuses what waits for it and what comes after, and lets itself be closed", async (context) => {
  const deaths: Error[] = [];
  const writer = await aThread(aDatabaseFile(context), (error) => void deaths.push(error));
  const commands = [{ verb: "insert", operation: anOperation() } as const];
  const ending = writer.terminate();
  // The thread is told to end before these are sent, and nothing says yet that it has: they wait, and are refused.
  const waiting = await Promise.allSettled(Array.from({ length: 100 }, () => writer.write(commands, 0)));
  for (const each of waiting) assertRefused(each);
  await ending;
  await assert.rejects(writer.write(commands, 0), UNAVAILABLE);
  await assert.rejects(writer.settings(), UNAVAILABLE);
  assert.equal(deaths.length, 1);
  await writer.close(0);
});

test("a thread that is closed has not died", async (context) => {
  const deaths: Error[] = [];
  const writer = await aThread(aDatabaseFile(context), (error) => void deaths.push(error));
  await writer.close(0);
  assert.deepEqual(deaths, []);
  await assert.rejects(writer.write([], 0), UNAVAILABLE);
});

test("the thread renews by the time that it was told, and reads no wall clock", async (context) => {
  const path = aDatabaseFile(context);
  migrated(path);
  const slots = new LeaseSlots();
  const writer = await ThreadWriter.start(path, slots, () => {});
  const then = Date.UTC(2030, 0, 1);
  const running = aRunningOperation(then + 30_000, { createTime: then, availableTime: then });
  await writer.write([{ verb: "insert", operation: running }], then);
  const slot = slots.take({ id: running.id, attempt: 1 }, 60, processTime());
  writer.scan(5);
  while (slots.renewedAt(slot) === undefined) await writer.settings();
  await writer.close(then);
  const database = openForReading(path);
  const kept = new Reader(database).read(running.id);
  const aheadMs = (kept?.leaseTime ?? 0) - then;
  assert.ok(aheadMs > 0 && aheadMs < 29_000, `the lease ends ${aheadMs} ms after the time that was told`);
  assert.equal(newestTime(database), then, "the file knows what the time was");
  database.close();
});

test("a thread that cannot open its file says so", async (context) => {
  await assert.rejects(
    ThreadWriter.start(`${aDatabaseFile(context)}/no/such/folder`, new LeaseSlots(), () => {}),
    /unable to open database file/,
  );
});
