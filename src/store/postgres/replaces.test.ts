import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import type { ReplaceCommand } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { keysOf } from "./array.ts";
import { hearing } from "./hearing.suite.ts";
import { insertAll, type Telling } from "./inserts.ts";
import { prepare, type Prepared } from "./prepared.ts";
import { replaceAll } from "./replaces.ts";
import { toOperation } from "./row.ts";
import { READ } from "./statements.ts";

const address = await aMigratedAddress();
const query = queryOf(open(address));
const telling: Telling = {
  noticesOf: (changes) => [["ends", changes.map(({ id, state }) => `${id} ${state}`).join()]],
};

/** Stored operations. */
async function stored(count: number): Promise<readonly Operation[]> {
  const operations = Array.from({ length: count }, () => anOperation());
  await insertAll(query, inserts(operations));
  return operations;
}

function cancelled(operation: Operation, expectedRevision = operation.revision): Prepared<ReplaceCommand> {
  const error = { code: "CANCELLED", message: "", details: [] } as unknown as Operation["error"];
  const next: Operation = { ...operation, state: "CANCELLED", error, revision: 2, endTime: 9, expireTime: 9 };
  return prepare({ verb: "replace", next, expectedRevision });
}

test("replaceAll() sends notices of its replacements in the same statement", async () => {
  const ends = await hearing(address, "ends");
  const [first, second] = await stored(2);
  assert.ok(first !== undefined && second !== undefined);
  const answers = await replaceAll(query, [cancelled(first), cancelled(second)], telling);
  assert.deepEqual(
    answers.map(({ answer, told }) => [answer.replaced, told]),
    [
      [true, true],
      [true, true],
    ],
  );
  assert.deepEqual(await ends.heard(), [`${first.id} CANCELLED,${second.id} CANCELLED`]);
});

test("replaceAll() announces the whole record of an end, and of no other change", async () => {
  const [first, second] = await stored(2);
  assert.ok(first !== undefined && second !== undefined);
  const going: ReplaceCommand = { verb: "replace", next: { ...second, revision: 2 }, expectedRevision: 1 };
  const answers = await replaceAll(query, [cancelled(first), prepare(going)]);
  const [ended, kept] = answers.map(({ changes }) => changes[0]?.ended);
  const [row] = await query(READ, keysOf([first.id]));
  assert.deepEqual(ended, row && toOperation(row));
  assert.equal(kept, undefined);
});

test("replaceAll() sends no notice if a replacement was refused, because notices are written before", async () => {
  const ends = await hearing(address, "ends");
  const [first, second] = await stored(2);
  assert.ok(first !== undefined && second !== undefined);
  const answers = await replaceAll(query, [cancelled(first), cancelled(second, 7)], telling);
  assert.deepEqual(
    answers.map(({ answer, told, changes }) => [answer.replaced, told ?? false, changes.length]),
    [
      [true, false, 1],
      [false, false, 0],
    ],
  );
  assert.deepEqual(await ends.heard(), []);
});

test("replaceAll() recognises the replacements of an earlier try, and sends no notice", async () => {
  const ends = await hearing(address, "ends");
  const [operation] = await stored(1);
  assert.ok(operation !== undefined);
  const command = cancelled(operation);
  await replaceAll(query, [command]);
  const [again] = await replaceAll(query, [{ ...command, isRepeated: true }], telling);
  assert.deepEqual([again?.answer.replaced, again?.told, again?.changes.length], [true, false, 1]);
  assert.equal(again?.isNew, false);
  assert.deepEqual(await ends.heard(), []);
});

test("replaceAll() recognises its replacements after a failed read of the other records", async () => {
  const [before, now] = await stored(2);
  assert.ok(before !== undefined && now !== undefined);
  const doubtful = { ...cancelled(before), isRepeated: true };
  await replaceAll(query, [doubtful]);
  const commands = [doubtful, cancelled(now)];
  const failing: typeof query = (text, parameters) =>
    text === READ ? Promise.reject(new Error("no connection")) : query(text, parameters);
  await assert.rejects(replaceAll(failing, commands), /no connection/);
  const answers = await replaceAll(query, commands);
  assert.deepEqual(
    answers.map(({ answer }) => answer.replaced),
    [true, true],
  );
});

test("replaceAll() distinguishes another process's write from its own earlier try, and a renewal from a write", async () => {
  const [theirs, ours] = await stored(2);
  assert.ok(theirs !== undefined && ours !== undefined);
  const other = cancelled(theirs).command.next;
  await replaceAll(query, [
    prepare({ verb: "replace", next: { ...other, endTime: 10 }, expectedRevision: 1 }),
  ]);
  const [late] = await replaceAll(query, [{ ...cancelled(theirs), isRepeated: true }]);
  assert.deepEqual(late?.answer, { replaced: false });
  const running = {
    state: "RUNNING",
    attempt: 1,
    startTime: 1,
    attemptTime: 1,
    worker: "w",
    revision: 2,
    cancelTime: 5,
  } as const;
  const next: Operation = { ...ours, ...running, leaseTime: 1_000 };
  const command = prepare({ verb: "replace", next, expectedRevision: 1 } as const);
  await replaceAll(query, [command]);
  await query("update operations set lease_time = 2000 where id = $1", [ours.id]);
  const [again] = await replaceAll(query, [{ ...command, isRepeated: true }]);
  assert.deepEqual([again?.answer, again?.isNew], [{ replaced: true }, false]);
});
