import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { anOperation } from "../../testing/an-operation.ts";
import { Claims } from "./claims.ts";
import { MEMORY, openForWriting } from "./connection.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";

const NOW = 1_000;

/** Each operation is given by its method, priority and available time. */
function stored(...operations: readonly (readonly [method: string, priority: number, time: number])[]) {
  const database = openForWriting(MEMORY);
  migrate(database, 0);
  const records = operations.map(([method, priority, availableTime]) =>
    anOperation({ method, priority, availableTime }),
  );
  new Writer(database).run(
    records.map((operation) => ({ verb: "insert", operation })),
    NOW,
  );
  const choose = (wanted: Readonly<Record<string, number>>, limit: number) => {
    const each = Object.entries(wanted).map(([method, most]) => ({ method, limit: most }));
    const { ids, nextTime } = new Claims(database).choose(each, limit, NOW);
    return [ids.map((id) => records.findIndex((record) => record.id === id)), nextTime];
  };
  return choose;
}

test("choose() takes by priority, then by time, within both limits", () => {
  const choose = stored(["a", 0, 1], ["a", 3, 5], ["a", 9, 7], ["b", 3, 4], ["b", 0, 0]);
  assert.deepEqual(choose({ a: 9, b: 9 }, 9), [[2, 3, 1, 4, 0], null]);
  assert.deepEqual(choose({ a: 9, b: 9 }, 3), [[2, 3, 1], 0]);
  assert.deepEqual(choose({ a: 2, b: 0 }, 9), [[2, 1], 0]);
  assert.deepEqual(choose({ a: 0 }, 9), [[], 1]);
});

test("choose() leaves delayed operations, and says when the first of them is due", () => {
  const choose = stored(["a", 9, NOW + 5], ["a", 4, NOW + 2], ["a", 4, NOW], ["a", 0, NOW + 9]);
  assert.deepEqual(choose({ a: 9 }, 9), [[2], NOW + 2]);
});

test("choose() costs time in proportion to the pending operations, not to the requested ones", () => {
  const database = openForWriting(MEMORY);
  migrate(database, 0);
  const pending = ["m007", "m499", "other"].map((method) => anOperation({ method, availableTime: 1 }));
  new Writer(database).run(
    pending.map((operation) => ({ verb: "insert", operation })),
    NOW,
  );
  let looks = 0;
  const prepare = database.prepare.bind(database);
  database.prepare = (text) => {
    const statement = prepare(text);
    for (const verb of ["get", "all"] as const) {
      const ask = statement[verb].bind(statement);
      Object.assign(statement, { [verb]: (...values: never[]) => (looks++, ask(...values)) });
    }
    return statement;
  };
  const claims = new Claims(database);
  const wanted = Array.from({ length: 500 }, (_, index) => ({
    method: `m${String(index).padStart(3, "0")}`,
    limit: 1,
  }));
  assert.equal(claims.choose(wanted.toReversed(), 9, NOW).ids.length, 2);
  assert.ok(looks <= 10, `${looks} looks for two methods of which something is pending`);
  looks = 0;
  assert.deepEqual(claims.choose([{ method: "z", limit: 1 }], 9, NOW), { ids: [], nextTime: null });
  assert.equal(looks, 1);
});

test("choose() finds the requested methods, in any order, among others", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "aB", "ab", "b", "ba", "c", "d", "z"));
  fc.assert(
    fc.property(names, names, (present, wanted) => {
      const choose = stored(...present.map((method) => [method, 0, 1] as const));
      const [found] = choose(Object.fromEntries(wanted.map((method) => [method, 9])), 99);
      assert.deepEqual(
        (found as readonly number[]).map((index) => String(present[index])).toSorted(),
        present.filter((method) => wanted.includes(method)).toSorted(),
      );
    }),
    { numRuns: 50 },
  );
});
