import assert from "node:assert/strict";
import { test } from "node:test";
import type { InsertAnswer, InsertCommand } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { faultKind } from "./fault.ts";
import { hearing } from "./hearing.suite.ts";
import { type Answered, insertAll, insertNew } from "./inserts.ts";
import { changePlaces, withKey } from "./place-commands.ts";
import { prepare } from "./prepared.ts";

const address = await aMigratedAddress();
const database = open(address);
const query = queryOf(database);

function limited(fields: { method: string; when?: "queue" | "reject"; limit?: number }): InsertCommand {
  const { method, when = "queue", limit = 1 } = fields;
  return {
    verb: "insert",
    operation: anOperation({ method, parallelKey: "k" }),
    parallel: { limit, when },
  };
}

const withPlaces = (...commands: readonly InsertCommand[]) =>
  database.transaction(
    async (inside) =>
      (await changePlaces(
        inside,
        commands.map((command) => withKey(prepare(command))),
      )) as readonly Answered<InsertAnswer>[],
  );

test("insertAll() stores new records and finds existing ones, and answers in order", async () => {
  const [first, second, third] = [1, 2, 3].map(() => anOperation({ requestId: `r-${anOperation().id}` }));
  assert.ok(first && second && third);
  await insertAll(query, inserts([second]));
  const again = { ...anOperation({ requestId: second.requestId }) };
  const answers = await insertAll(query, inserts([first, again, third]));
  assert.deepEqual(
    answers.map(({ answer, changes }) => [answer, changes.length]),
    [
      [{ inserted: true, blocked: false }, 1],
      [{ inserted: false, existing: second }, 0],
      [{ inserted: true, blocked: false }, 1],
    ],
  );
});

test("insertNew() stores all records and sends notices in the same statement", async () => {
  const starts = await hearing(address, "starts");
  const [first, second] = [anOperation(), anOperation()];
  const answers = await insertNew(query, inserts([first, second]), {
    noticesOf: (changes) => changes.map(({ id }) => ["starts", id]),
  });
  assert.deepEqual(
    answers.map(({ answer, changes, told }) => [answer, changes[0]?.id, told]),
    [first, second].map(({ id }) => [{ inserted: true, blocked: false }, id, true]),
  );
  assert.deepEqual(await starts.heard(), [first.id, second.id]);
  const [untold] = await insertNew(query, inserts([anOperation()]), undefined);
  assert.equal(untold?.told, false);
  assert.deepEqual(await starts.heard(), []);
});

test("a record that is removed between two statements is a conflict, which is retried", async () => {
  const operation = anOperation({ requestId: "vanishes" });
  await insertAll(query, inserts([operation]));
  const again = anOperation({ requestId: "vanishes" });
  const removing: typeof query = async (text, parameters) => {
    const rows = await query(text, parameters);
    // After the conflict, before the conflicting record is read.
    if (rows.length === 0) await query("delete from operations where request_id = 'vanishes'");
    return rows;
  };
  const error = await insertAll(removing, inserts([again])).then(
    () => assert.fail("expected a conflict"),
    (thrown: unknown) => thrown,
  );
  assert.equal(faultKind(error), "undone");
});

test("changePlaces() grants places up to the limit, and blocks or refuses the rest", async () => {
  const method = "several";
  const answers = await withPlaces(
    limited({ method, limit: 2 }),
    limited({ method, limit: 2 }),
    limited({ method, limit: 2 }),
    limited({ method, limit: 2, when: "reject" }),
  );
  assert.deepEqual(
    answers.map(({ answer }) => answer),
    [
      { inserted: true, blocked: false },
      { inserted: true, blocked: false },
      { inserted: true, blocked: true },
      { inserted: false, occupied: true },
    ],
  );
});

test("two concurrent starts do not both get the only place", async () => {
  const answers = await Promise.all(
    Array.from({ length: 4 }, () => withPlaces(limited({ method: "race", when: "reject" }))),
  );
  const inserted = answers.flat().filter(({ answer }) => answer.inserted);
  assert.equal(inserted.length, 1);
});

test("a raised limit unblocks the heads of the queue, and announces them", async () => {
  const method = "raised";
  const [, second] = await withPlaces(limited({ method }), limited({ method }));
  assert.ok(second?.answer.inserted && second.answer.blocked);
  const [third] = await withPlaces(limited({ method, limit: 3 }));
  assert.deepEqual(third?.answer, { inserted: true, blocked: false });
  assert.equal(third?.changes.length, 3, "its own start, and two that were unblocked");
});
