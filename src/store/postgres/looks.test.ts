import assert from "node:assert/strict";
import { after, test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { aMigratedAddress, LosingDatabase, queryOf } from "./a-database.suite.ts";
import { Looks } from "./looks.ts";

const database = new LosingDatabase({ address: await aMigratedAddress(), connections: 2 });
after(() => database.close());
const query = queryOf(database);

const NUMBERS = "select n, n * $2::bigint as times from generate_series(1, $1::integer) n order by n desc";
const WORDS = "with words (word) as (select unnest($1::text[])) select word from words order by word";

/** The number of statements that the work takes. */
async function statements(work: () => Promise<unknown>): Promise<number> {
  const before = database.carriedOut;
  await work();
  return database.carriedOut - before;
}

test("looks of one turn are one statement, and each has its own rows in their order", async () => {
  const looks = new Looks(database);
  let answers: unknown;
  const count = await statements(async () => {
    answers = await Promise.all([
      looks.query(NUMBERS, [3, 1_764_374_400_000]),
      looks.query(WORDS, ['{"b","a, \\"b\\"","ä"}']),
      looks.query("select 1 where false"),
    ]);
  });
  assert.equal(count, 1);
  assert.deepEqual(answers, [
    [
      [3, 5_293_123_200_000],
      [2, 3_528_748_800_000],
      [1, 1_764_374_400_000],
    ],
    [['a, "b"'], ["b"], ["ä"]],
    [],
  ]);
});

test("a single look, and two looks with the same statement, get their own rows", async () => {
  const looks = new Looks(database);
  const alone = await looks.query(NUMBERS, [2, 10]);
  assert.deepEqual(
    alone.map((row) => row.map(Number)),
    (await query(NUMBERS, [2, 10])).map((row) => row.map(Number)),
  );
  const twice = await Promise.all([looks.query(NUMBERS, [1, 5]), looks.query(NUMBERS, [1, 7])]);
  assert.deepEqual(
    twice.flat().map((row) => row.map(Number)),
    [
      [1, 5],
      [1, 7],
    ],
  );
});

test("timers that fire at almost the same time share one look", async () => {
  const looks = new Looks(database);
  const asked: Promise<unknown>[] = [];
  const count = await statements(async () => {
    await Promise.all(
      [NUMBERS, WORDS].map(
        (text, index) =>
          new Promise<void>((resolve) => {
            systemClock.after(1 + 3 * index, () => {
              asked.push(looks.query(text, index === 0 ? [1, 1] : ["{}"]));
              resolve();
            });
          }),
      ),
    );
    await Promise.all(asked);
  });
  assert.equal(count, 1);
});

test("a look that fails does not affect the others", async () => {
  const looks = new Looks(database);
  const [failed, answered] = await Promise.allSettled([
    looks.query("select 1 / $1::integer as n", [0]),
    looks.query("select $1::integer as n", [4]),
  ]);
  assert.equal(failed.status, "rejected");
  assert.ok(answered.status === "fulfilled");
  assert.deepEqual([...answered.value], [[4]]);
});
