import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { InvariantError } from "../../core/invariant.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { after as afterEvent } from "../suite/subject.suite.ts";
import { aMigratedAddress, inserts, open, writerOn } from "./a-database.suite.ts";
import { keysOf } from "./array.ts";
import type { Query } from "./database.ts";
import { insertAll } from "./inserts.ts";
import { toOperation } from "./row.ts";
import * as sql from "./statements.ts";

const address = await aMigratedAddress();
const database = open(address);
/** Another client, which waits for every answer, however long a lock is held. */
const somebody = open(address, { patient: true });
const writer = writerOn(database);
const one = { limit: 1, when: "queue" } as const;

/**
 * Runs `during` while another client's open transaction has done `work`, which is then rolled back.
 */
async function whileOpen(
  work: (query: Query) => Promise<unknown>,
  during: () => Promise<void>,
): Promise<void> {
  const undone = new Error("undone");
  const transaction = somebody.transaction(async (inside) => {
    await work(inside);
    await during();
    throw undone;
  });
  await assert.rejects(transaction, undone);
}

async function stored(fields: Partial<Operation> = {}): Promise<Operation> {
  const operation = anOperation(fields);
  const parallel = operation.parallelKey === null ? {} : { parallel: one };
  await writer.write({ verb: "insert", operation, ...parallel });
  return operation;
}

async function read({ id }: Operation): Promise<Operation | undefined> {
  const [row] = await database.query(sql.READ, keysOf([id]));
  return row && toOperation(row);
}

/** The cancellation of an operation that has not run. */
function cancelled(operation: Operation): Command {
  const next = afterEvent(operation, { type: "cancel", now: systemClock.now() });
  return { verb: "replace", next, expectedRevision: operation.revision };
}

/** One command for every lane, none of which needs the rows that the test locks. */
async function bystanders(): Promise<readonly Command[]> {
  const [ended, removed, keyed] = [await stored(), await stored(), await stored({ parallelKey: "by" })];
  const running = anOperation({
    state: "RUNNING",
    attempt: 1,
    startTime: 1,
    worker: "w",
    leaseTime: systemClock.now() + 60_000,
  });
  await writer.write({ verb: "insert", operation: running });
  return [
    { verb: "insert", operation: anOperation() },
    { verb: "insert", operation: anOperation({ requestId: anOperation().id }) },
    { verb: "insert", operation: anOperation({ parallelKey: anOperation().id }), parallel: one },
    cancelled(ended),
    cancelled(keyed),
    { verb: "renew", id: running.id, attempt: 1, leaseMs: 60_000, metadata: null },
    { verb: "remove", id: removed.id, parent: "" },
    { verb: "claim", worker: "w", leaseMs: 9, limit: 1, wanted: [{ method: "nobody", limit: 1 }] },
    { verb: "purge", limit: 5 },
  ];
}

/**
 * Sends the command that meets the lock and, in the same turn and again afterwards, one command for
 * every lane.
 */
async function onlyWaits(stuck: Command, lock: (query: Query) => Promise<unknown>): Promise<void> {
  const rounds = [await bystanders(), await bystanders()];
  let waiting: Promise<unknown> | undefined;
  let isAnswered = false;
  await whileOpen(lock, async () => {
    waiting = writer.write(stuck).finally(() => (isAnswered = true));
    for (const round of rounds) await Promise.all(round.map((command) => writer.write(command)));
    assert.equal(isAnswered, false, "the command that needs the lock waits for it");
  });
  await waiting;
}

test("a start waits alone for a start with its request id in an open transaction", async () => {
  const operation = anOperation({ requestId: "locked" });
  const other = anOperation({ requestId: "locked" });
  await onlyWaits({ verb: "insert", operation }, (query) =>
    query(
      `insert into operations (shard, id, parent, method, request_id, request, target, priority, attempts_max, create_time,
        time_to_live_ms, state, revision, attempt, failed_attempts, available_time, blocked)
      values (${keysOf([operation.id])[0]?.slice(1, -1)}, '${other.id}', '', $1, 'locked', '{}', '', 0, 3, 0, 0, 'PENDING', 1, 0, 0, 0, false)`,
      [operation.method],
    ),
  );
  assert.deepEqual(await read(operation), operation);
});

test("a start with a key waits alone for the lock of the key", async () => {
  const method = "turn";
  await stored({ method, parallelKey: "k" });
  const operation = anOperation({ method, parallelKey: "k" });
  await onlyWaits({ verb: "insert", operation, parallel: one }, (query) =>
    query("select * from parallel_keys where method = $1 for update", [method]),
  );
  assert.equal((await read(operation))?.blocked, true);
});

/** Locks a record. */
const lockOf =
  ({ id }: Operation) =>
  (query: Query) =>
    query("select * from operations where id = $1 for update", [id]);

test("a replacement, a renewal and a removal wait alone for the lock of the record", async () => {
  const ended = await stored();
  await onlyWaits(cancelled(ended), lockOf(ended));
  assert.equal((await read(ended))?.state, "CANCELLED");

  const removed = await stored();
  await onlyWaits({ verb: "remove", id: removed.id, parent: "" }, lockOf(removed));
  assert.equal(await read(removed), undefined);

  const holder = await stored({ method: "holder", parallelKey: "k" });
  const waiting = await stored({ method: "holder", parallelKey: "k" });
  await onlyWaits(cancelled(holder), lockOf(holder));
  assert.equal((await read(waiting))?.blocked, false);
});

test("a purge skips a locked record", async () => {
  const [locked, free] = [await stored({ method: "purged" }), await stored({ method: "purged" })];
  await database.query(
    "update operations set expire_time = 1, end_time = 1, state = 'CANCELLED', error = '{}' where method = 'purged'",
  );
  await whileOpen(lockOf(locked), async () =>
    assert.deepEqual((await writer.write({ verb: "purge", limit: 9 })).ids, [free.id]),
  );
  assert.deepEqual((await writer.write({ verb: "purge", limit: 9 })).ids, [locked.id]);
});

test("many starts with a locked request id do not delay others, and all are answered", async () => {
  const first = anOperation({ requestId: "many" });
  let waiting: Promise<readonly unknown[]> | undefined;
  await whileOpen(
    async (query) => {
      await insertAll(query, inserts([first]));
    },
    async () => {
      waiting = Promise.all(
        Array.from({ length: 40 }, () =>
          writer.write({ verb: "insert", operation: anOperation({ requestId: "many" }) }),
        ),
      );
      for (const command of await bystanders()) await writer.write(command);
    },
  );
  const inserted = (await waiting)?.filter((answer) => (answer as { inserted: boolean }).inserted);
  assert.equal(inserted?.length, 1);
});

test("a record that is too large for an index entry fails alone", async () => {
  const [before, after] = [anOperation(), anOperation()];
  // Text that does not compress.
  const parent = Array.from({ length: 3_000 }, (_, index) =>
    String.fromCodePoint(0x4e00 + ((index * 7919) % 20_000)),
  ).join("");
  const settled = await Promise.allSettled(
    [before, anOperation({ parent }), after].map((operation) => writer.write({ verb: "insert", operation })),
  );
  assert.deepEqual(
    settled.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
  assert.ok(settled[1]?.status === "rejected" && settled[1].reason instanceof InvariantError);
  assert.deepEqual([await read(before), await read(after)], [before, after]);
});

test("commands wait for others for gatherMs() if several came together before", async () => {
  let asked = 0;
  const waiting = writerOn(database, { gatherMs: () => ++asked });
  const starts = (): Promise<unknown> =>
    Promise.all(
      [anOperation(), anOperation()].map((operation) => waiting.write({ verb: "insert", operation })),
    );
  await starts();
  assert.equal(asked, 0);
  await starts();
  assert.equal(asked, 1);
});
