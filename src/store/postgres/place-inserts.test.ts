import assert from "node:assert/strict";
import { test } from "node:test";
import type { Operation } from "../../core/operation/operation.ts";
import type { InsertAnswer, InsertCommand } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { aMigratedAddress, open, writerOn } from "./a-database.suite.ts";
import type { Query } from "./database.ts";
import { lock } from "./places.ts";
import { insertLocked } from "./place-inserts.ts";
import { keyOf } from "./inserts.ts";
import { prepare } from "./prepared.ts";
import { INSERT } from "./statements-insert.ts";

const database = open(await aMigratedAddress());
const writer = writerOn(database);

type Parallel = InsertCommand["parallel"] & {};

/** Operations of one method, each with its key. */
function started(method: string, keys: string): readonly Operation[] {
  return Array.from(keys, (key) => anOperation({ method, parallelKey: key }));
}

/** Stores operations in one transaction. */
async function insert(
  operations: readonly Operation[],
  parallel: Parallel,
  seen: (text: string) => Promise<unknown> | undefined = () => undefined,
): Promise<readonly InsertAnswer[]> {
  const inserts = operations.map((operation) => prepare({ verb: "insert", operation, parallel } as const));
  return await database.transaction(async (inside) => {
    const query: Query = async (text, parameters) => {
      await seen(text);
      return await inside(text, parameters);
    };
    await lock(query, operations.map(keyOf));
    return (await insertLocked(query, inserts)).map(({ answer }) => answer);
  });
}

const PLACE: InsertAnswer = { inserted: true, blocked: false };
const WAITS: InsertAnswer = { inserted: true, blocked: true };
const REFUSED: InsertAnswer = { inserted: false, occupied: true };

test("insertLocked() gives the places of each key in the order of the operations", async () => {
  const queued = await insert(started("queue", "aabaab"), { limit: 2, when: "queue" });
  assert.deepEqual(queued, [PLACE, PLACE, PLACE, WAITS, WAITS, PLACE]);
  const refused = await insert(started("reject", "aabaab"), { limit: 2, when: "reject" });
  assert.deepEqual(refused, [PLACE, PLACE, PLACE, REFUSED, REFUSED, PLACE]);
});

test("insertLocked() takes as many statements for fifty operations as for two", async () => {
  const counts: number[] = [];
  for (const keys of ["ab", "abcde".repeat(10)]) {
    let count = 0;
    await insert(started(`count${keys.length}`, keys), { limit: 20, when: "queue" }, () => {
      count++;
      return undefined;
    });
    counts.push(count);
  }
  assert.equal(counts[0], counts[1]);
});

test("insertLocked() lets those that wait go first if the limit was raised", async () => {
  const [first, ...others] = started("raised", "aaa");
  assert.ok(first);
  assert.deepEqual(await insert([first, ...others], { limit: 1, when: "queue" }), [PLACE, WAITS, WAITS]);
  const more = await insert(started("raised", "aa"), { limit: 4, when: "queue" });
  assert.deepEqual(more, [PLACE, WAITS]);
  const rows = await database.query("select id from operations where method = 'raised' and not blocked");
  assert.equal(rows.length, 4);
});

test("insertLocked() passes on the place of a start whose request id another transaction stores meanwhile", async () => {
  const [held, next] = [
    anOperation({ method: "twice", parallelKey: "a", requestId: "r" }),
    anOperation({ method: "twice", parallelKey: "a" }),
  ];
  const winner = anOperation({ method: "twice", parallelKey: "b", requestId: "r" });
  const parallel = { limit: 1, when: "queue" } as const;
  const answers = await insert([held, next], parallel, (text) =>
    text === INSERT ? writer.write({ verb: "insert", operation: winner, parallel }) : undefined,
  );
  assert.deepEqual(answers, [{ inserted: false, existing: winner }, PLACE]);
});

test("insertLocked() stores nothing twice if an earlier attempt was committed", async () => {
  const operations = started("again", "aa");
  const parallel = { limit: 1, when: "queue" } as const;
  assert.deepEqual(await insert(operations, parallel), [PLACE, WAITS]);
  const inserts = operations.map((operation) =>
    prepare({ verb: "insert", operation, parallel } as const, true),
  );
  const again = await database.transaction((query) => insertLocked(query, inserts));
  assert.deepEqual(
    again.map(({ answer }) => answer),
    [PLACE, WAITS],
  );
});
