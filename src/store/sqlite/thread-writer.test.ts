import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { aDatabaseFile } from "./a-database-file.suite.ts";
import { openForWriting } from "./connection.ts";
import { LeaseSlots } from "../leases/lease-slots.ts";
import { migrate } from "./schema.ts";
import { ThreadWriter } from "./thread-writer.ts";

const UNAVAILABLE = { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" };

async function aThread(path: string, onDeath: (error: Error) => void): Promise<ThreadWriter> {
  const database = openForWriting(path);
  migrate(database, 0);
  database.close();
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
  const calls = [[{ verb: "insert", operation: anOperation() } as const]];
  const ending = writer.terminate();
  // The thread is told to end before these are sent, and nothing says yet that it has: they wait, and are refused.
  const waiting = await Promise.allSettled(Array.from({ length: 100 }, () => writer.write(calls, 0)));
  for (const each of waiting) assertRefused(each);
  await ending;
  await assert.rejects(writer.write(calls, 0), UNAVAILABLE);
  await assert.rejects(writer.settings(), UNAVAILABLE);
  assert.equal(deaths.length, 1);
  await writer.close();
});

test("a thread that is closed has not died", async (context) => {
  const deaths: Error[] = [];
  const writer = await aThread(aDatabaseFile(context), (error) => void deaths.push(error));
  await writer.close();
  assert.deepEqual(deaths, []);
  await assert.rejects(writer.write([], 0), UNAVAILABLE);
});

test("a thread that cannot open its file says so", async (context) => {
  await assert.rejects(
    ThreadWriter.start(`${aDatabaseFile(context)}/no/such/folder`, new LeaseSlots(), () => {}),
    /unable to open database file/,
  );
});
