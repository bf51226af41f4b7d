import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { aDatabaseFile } from "./a-database-file.suite.ts";
import { openForWriting } from "./connection.ts";
import { LeaseSlots } from "./lease-slots.ts";
import { migrate } from "./schema.ts";
import { ThreadWriter } from "./thread-writer.ts";

const UNAVAILABLE = { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" };

async function aThread(path: string, onDeath: (error: Error) => void): Promise<ThreadWriter> {
  const database = openForWriting(path);
  migrate(database, 0);
  database.close();
  return ThreadWriter.start(path, new LeaseSlots(), onDeath);
}

test("a thread that dies refuses what waits for it and what comes after, and lets itself be closed", async (context) => {
  const deaths: Error[] = [];
  const writer = await aThread(aDatabaseFile(context), (error) => void deaths.push(error));
  const calls = [[{ verb: "insert", operation: anOperation() } as const]];
  const waiting = assert.rejects(
    // Sent while the thread is being ended: it will not answer them all.
    Promise.all(Array.from({ length: 1_000 }, () => writer.write(calls, 0))),
    UNAVAILABLE,
  );
  await writer.terminate();
  await waiting;
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
