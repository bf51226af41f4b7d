import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import type { ReplaceCommand } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { hearing } from "./hearing.suite.ts";
import { insertAll, type Telling } from "./inserts.ts";
import { prepare, type Prepared } from "./prepared.ts";
import { replaceAll } from "./replaces.ts";

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

test("replaceAll() tells of what it replaced in the statement itself", async () => {
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

test("replaceAll() tells nothing where one of them was refused: what is told was put together before", async () => {
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

test("replaceAll() knows what an earlier try replaced, and tells nothing by itself", async () => {
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
