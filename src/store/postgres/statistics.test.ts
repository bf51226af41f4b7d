import assert from "node:assert/strict";
import { test } from "node:test";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { insertAll } from "./inserts.ts";
import * as sql from "./statements.ts";
import { Statistics } from "./statistics.ts";

const query = queryOf(open(await aMigratedAddress()));

/** A database that returns the table's real and known size, and records the queries. */
function asked(pages: number, known: number) {
  const texts: string[] = [];
  const database = {
    query: async (text: string) => {
      texts.push(text.includes("pg_class") ? "look" : "analyze");
      return text.includes("pg_class") ? [[pages, known]] : [];
    },
  };
  return { texts, statistics: new Statistics(database) };
}

test("a table that PostgreSQL knew as empty is analysed when it has grown, so that plans are renewed", async () => {
  await query("vacuum operations");
  const isGood = async (): Promise<boolean> => {
    const plan = await query(`explain (generic_plan, costs off) ${sql.READ}`);
    return plan.some(([line]) => String(line).includes("Index Cond: ((id = d.id)"));
  };
  assert.equal(await isGood(), false, "otherwise there is nothing to see to");
  await insertAll(query, inserts(Array.from({ length: 1_000 }, () => anOperation())));
  const statistics = new Statistics({ query });
  await statistics.stored(1_000);
  assert.equal(await isGood(), true);
});

test("the size of a small table is checked after few new rows, and of a large one after many", async () => {
  const small = asked(9, 9);
  for (let count = 0; count < 1_000; count++) await small.statistics.stored(1);
  assert.deepEqual(
    small.texts,
    Array.from({ length: 5 }, () => "look"),
  );
  const large = asked(1_000, 1_000);
  for (let count = 0; count < 20_400; count++) await large.statistics.stored(1);
  assert.deepEqual(large.texts, ["look", "look", "look"]);
});

test("a table that has grown little is not analysed, and one check runs at a time", async () => {
  const grown = asked(401, 100);
  await Promise.all([
    grown.statistics.stored(200),
    grown.statistics.stored(200),
    grown.statistics.stored(200),
  ]);
  assert.deepEqual(grown.texts, ["look", "analyze"]);
  const not = asked(400, 100);
  await not.statistics.stored(200);
  assert.deepEqual(not.texts, ["look"]);
});

test("a refused check does no harm, and is not repeated for each row", async () => {
  let count = 0;
  const statistics = new Statistics({
    query: () => {
      count++;
      return Promise.reject(new Error("permission denied"));
    },
  });
  for (let rows = 0; rows < 10_000; rows++) await statistics.stored(1);
  assert.equal(count, 1);
});
