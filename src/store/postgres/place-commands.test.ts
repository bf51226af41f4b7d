import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { Change, Command } from "../../core/ports/store.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { after as afterEvent } from "../suite/subject.suite.ts";
import { aMigratedAddress, open, writerOn } from "./a-database.suite.ts";
import { keysOf } from "./array.ts";
import { Database, type Query } from "./database.ts";
import { toOperation } from "./row.ts";
import * as sql from "./statements.ts";

const address = await aMigratedAddress();
const database = open(address);
const parallel = { limit: 1, when: "queue" } as const;

/** Operations of one key: the first one holds the place, the others wait in order. */
async function queue(count: number): Promise<readonly [Operation, ...Operation[]]> {
  const method = `m${anOperation().id.replaceAll("-", "")}`;
  const operations = Array.from({ length: count }, () => anOperation({ method, parallelKey: "k" }));
  const writer = writerOn(database);
  for (const operation of operations) await writer.write({ verb: "insert", operation, parallel });
  const [holder, ...waiting] = operations;
  assert.ok(holder !== undefined);
  return [holder, ...waiting.map((each) => ({ ...each, blocked: true }))];
}

function cancelled(operation: Operation): Command {
  const next = afterEvent(operation, { type: "cancel", now: systemClock.now() });
  return { verb: "replace", next, expectedRevision: operation.revision };
}

const removed = ({ id, parent }: Operation): Command => ({ verb: "remove", id, parent });

async function isBlocked({ id }: Operation): Promise<boolean | undefined> {
  const [row] = await database.query(sql.READ, keysOf([id]));
  return row === undefined ? undefined : toOperation(row).blocked;
}

/**
 * A database that loses the connection of a transaction: before or after the statement with this
 * number, or at the commit.
 */
class LostAt extends Database {
  lose: { readonly statement: number; readonly when: "before" | "behind" } | "commit" | undefined;
  /** The number of statements in the last transaction. */
  statements = 0;

  override async transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
    this.statements = 0;
    const { lose } = this;
    const result = await super.transaction((inside) =>
      run(async (text, parameters) => {
        const number = this.statements++;
        if (typeof lose === "object" && lose.statement === number) {
          this.lose = undefined;
          if (lose.when === "behind") await inside(text, parameters);
          throw gone();
        }
        return inside(text, parameters);
      }),
    );
    if (lose !== "commit") return result;
    this.lose = undefined;
    throw gone();
  }
}

/**
 * The error of a lost connection; it rolls the transaction back, as the database does when the
 * connection ends.
 */
function gone(): Error {
  return Object.assign(new Error("The connection was reset"), {
    name: "PostgresError",
    code: "08006",
    severity: "ERROR",
  });
}

async function losing(): Promise<LostAt> {
  const lost = new LostAt({ address, connections: 2 });
  return lost;
}

for (const [what, commandOf] of [
  ["an end", cancelled],
  ["a removal", removed],
] as const) {
  test(`${what} passes the place on once, wherever its connection is lost`, async () => {
    const lost = await losing();
    const writer = writerOn(lost);
    const places: (LostAt["lose"] & {})[] = ["commit"];
    for (const place of places) {
      const [holder, next, last] = await queue(3);
      assert.ok(next && last);
      lost.lose = place;
      const answer = await writer.write(commandOf(holder));
      assert.equal(lost.lose, undefined, "the connection was lost");
      assert.deepEqual(Object.values(answer), [true], JSON.stringify(place));
      assert.deepEqual([await isBlocked(next), await isBlocked(last)], [false, true], JSON.stringify(place));
      if (place === "commit")
        for (let statement = 0; statement < lost.statements; statement++)
          places.push({ statement, when: "before" }, { statement, when: "behind" });
    }
    assert.ok(places.length > 6, `${places.length} places`);
    await lost.close();
  });
}

for (const [what, commandOf] of [
  ["an end", cancelled],
  ["a removal", removed],
] as const) {
  test(`${what} stores the operations that come with it once, wherever its connection is lost`, async () => {
    const lost = await losing();
    const writer = writerOn(lost);
    const places: (LostAt["lose"] & {})[] = ["commit"];
    for (const place of places) {
      const operation = anOperation();
      await writer.write({ verb: "insert", operation });
      const along = [1, 2].map(() => anOperation({ method: "deliver" }));
      const heard: Change[] = [];
      const telling = writerOn(lost, { committed: (changes) => heard.push(...changes) });
      lost.lose = place;
      const answer = await telling.write({ ...commandOf(operation), along } as Command);
      assert.equal(lost.lose, undefined, "the connection was lost");
      assert.deepEqual(Object.values(answer), [true], JSON.stringify(place));
      const rows = await database.query(sql.READ, keysOf(along.map(({ id }) => id)));
      assert.deepEqual(rows.map(toOperation), along, JSON.stringify(place));
      if (place === "commit")
        for (let statement = 0; statement < lost.statements; statement++)
          places.push({ statement, when: "before" }, { statement, when: "behind" });
    }
    assert.ok(places.length > 3, `${places.length} places`);
    await lost.close();
  });
}

test("a start of a key takes one place, wherever its connection is lost", async () => {
  const lost = await losing();
  const writer = writerOn(lost);
  const places: (LostAt["lose"] & {})[] = ["commit"];
  for (const place of places) {
    const [holder] = await queue(1);
    const operation = anOperation({ method: holder.method, parallelKey: "k", requestId: "r" });
    lost.lose = place;
    const answer = await writer.write({ verb: "insert", operation, parallel });
    assert.deepEqual(answer, { inserted: true, blocked: true }, JSON.stringify(place));
    await writer.write(cancelled(holder));
    assert.equal(await isBlocked(operation), false);
    if (place === "commit")
      for (let statement = 0; statement < 6; statement++)
        places.push({ statement, when: "before" }, { statement, when: "behind" });
  }
  await lost.close();
});

for (const [what, commandOf] of [
  ["cancelled", cancelled],
  ["removed", removed],
] as const) {
  test(`a head that is ${what} between the look and the unblocking does not take the place along`, async () => {
    const [holder, head, next] = await queue(3);
    assert.ok(head && next);
    const other = writerOn(database);
    let meanwhile: (() => Promise<unknown>) | undefined = () => other.write(commandOf(head));
    class Interleaved extends Database {
      override transaction<Result>(run: (query: Query) => Promise<Result>): Promise<Result> {
        return super.transaction((inside) =>
          run(async (text, parameters) => {
            const rows = await inside(text, parameters);
            const work = text === sql.HEADS ? meanwhile : undefined;
            if (work !== undefined) meanwhile = undefined;
            await work?.();
            return rows;
          }),
        );
      }
    }
    const interleaved = new Interleaved({ address, connections: 2 });
    const heard: Change[] = [];
    const writer = writerOn(interleaved, { committed: (changes) => heard.push(...changes) });
    assert.deepEqual(await writer.write(cancelled(holder)), { replaced: true });
    assert.equal(
      await isBlocked(next),
      false,
      "the next of the queue holds the place, since nobody else does",
    );
    assert.deepEqual(
      heard.map(({ id }) => id),
      [holder.id, next.id],
    );
    await interleaved.close();
  });
}

test("concurrent ends, removals and starts of one key leave as many running operations as the limit allows", async () => {
  const writer = writerOn(database);
  const [holder, second, third] = await queue(8);
  assert.ok(second && third);
  const starts = Array.from({ length: 6 }, () => anOperation({ method: holder.method, parallelKey: "k" }));
  await Promise.all([
    writer.write(cancelled(holder)),
    writer.write(removed(second)),
    writer.write(cancelled(third)),
    ...starts.map((operation) => writer.write({ verb: "insert", operation, parallel })),
  ]);
  const rows = await database.query(
    "select id from operations where method = $1 and end_time is null and not blocked",
    [holder.method],
  );
  assert.equal(rows.length, 1);
});
