import assert from "node:assert/strict";
import { describe, it, test } from "node:test";
import fc from "fast-check";
import { type Clock, systemClock } from "../../core/ports/clock.ts";
import type { ClaimCommand } from "../../core/ports/store.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { columnsOf } from "./array.ts";
import { ClaimStarts } from "./claim-starts.ts";
import { claim } from "./claims.ts";
import { insertAll } from "./inserts.ts";
import { changeOf } from "../cells.ts";
import * as sql from "./statements-claim.ts";
import { Turns } from "./turns.ts";

const address = await aMigratedAddress();
const database = open(address);

async function store(method: string, count: number): Promise<readonly Operation[]> {
  const operations = Array.from({ length: count }, (_, index) =>
    anOperation({ method, priority: index % 3 }),
  );
  await insertAll(queryOf(database), inserts(operations));
  return operations;
}

function startsOn(clock: Clock): ClaimStarts {
  return new ClaimStarts({ clock, time: () => systemClock.now() });
}

const command = (method: string, limit: number): ClaimCommand => ({
  verb: "claim",
  worker: "w",
  leaseMs: 60_000,
  limit,
  wanted: [{ method, limit }],
});

const setting = { now: null, starts: startsOn(systemClock), turns: new Turns() };

describe("claim()", () => {
  it("claims by priority, then by age, and returns the time of the next work", async () => {
    const operations = await store("order", 7);
    const expected = operations.toSorted((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    const { operations: taken, nextTime } = await claim(database, command("order", 5), setting);
    assert.deepEqual(
      taken.map(({ id, attempt, state, worker }) => [id, attempt, state, worker]),
      expected.slice(0, 5).map(({ id }) => [id, 1, "RUNNING", "w"]),
    );
    assert.equal(nextTime, expected[5]?.availableTime);
    const rest = await claim(database, command("order", 5), setting);
    assert.deepEqual([rest.operations.length, rest.nextTime], [2, null]);
    assert.deepEqual(await claim(database, command("order", 5), setting), {
      operations: [],
      nextTime: null,
    });
  });

  it("gives each operation to one of several concurrent claims", async () => {
    await store("race", 60);
    const taken = new Set<string>();
    let count = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let rounds = 0; rounds < 10; rounds++) {
          const { operations } = await claim(database, command("race", 5), setting);
          for (const { id } of operations) taken.add(id);
          count += operations.length;
        }
      }),
    );
    assert.equal(taken.size, count, "nothing was claimed twice");
    while (taken.size < 60) {
      const { operations } = await claim(database, command("race", 60), setting);
      assert.ok(operations.length > 0, "nothing is lost");
      for (const { id } of operations) taken.add(id);
    }
  });

  it("skips rows older than the last claim when a full read is expensive, until a hint names them", async () => {
    const method = "costly";
    const clock = new ManualClock();
    const starts = new ClaimStarts({ clock, time: () => systemClock.now() });
    const slow = {
      query: async (...asked: Parameters<typeof database.query>) => {
        await clock.advance(100);
        return database.query(...asked);
      },
    };
    const taken = async (): Promise<number> =>
      (await claim(slow, command(method, 5), { ...setting, starts })).operations.length;
    assert.equal(await taken(), 0);
    const [old] = await store(method, 1);
    assert.ok(old !== undefined);
    assert.equal(await taken(), 0, "it has been available for long, and nobody told");
    starts.hear([changeOf(old)]);
    assert.equal(await taken(), 1);
    await store(method, 1);
    assert.equal(await taken(), 0);
    await clock.advance(10_000);
    assert.equal(await taken(), 1, "now and then everything is looked at");
  });

  it("runs no statement if no method is wanted", async () => {
    const nobody = { query: () => assert.fail("the database was asked") };
    assert.deepEqual(await claim(nobody, { ...command("m", 1), wanted: [] }, setting), {
      operations: [],
      nextTime: null,
    });
  });
});

test("the cost of a claim depends on the pending operations, not on the number of wanted methods", async () => {
  const counted = queryOf(open(await aMigratedAddress(), { connections: 1 }));
  const methods = Array.from({ length: 500 }, (_, index) => `method${String(index).padStart(3, "0")}`);
  const pagesOf = async (limit: number): Promise<number> => {
    const wanted = columnsOf(methods.map((method) => [method, limit]));
    const explained = `explain (analyze, buffers, timing off, summary off) ${sql.CLAIM}`;
    const rows = await counted(explained, [null, ...wanted, 10, 1, "w", "{}"]);
    // The first match belongs to the whole statement.
    return Number(/Buffers: shared hit=(\d+)/.exec(rows.map(([line]) => String(line)).join("\n"))?.[1] ?? 0);
  };
  const pending = ["method499", "method007", "other"].map((method) => anOperation({ method, priority: 1 }));
  await insertAll(counted, inserts(pending));
  for (let turn = 0; turn < 2; turn++) {
    // A claim of 0 scans pending operations and takes none, because writes would count too.
    const some = await pagesOf(0);
    assert.ok(some < 60, `${some} pages`);
  }
  await counted("truncate operations");
  await pagesOf(1);
  const none = await pagesOf(1);
  assert.ok(none <= 4, `${none} pages for a claim of which nothing is pending`);
});

test("wanted methods are found among others, in any order", async () => {
  const all = fc.uniqueArray(fc.constantFrom("a", "aB", "ab", "b", "ba", "c", "d", "z"));
  await fc.assert(
    fc.asyncProperty(all, all, async (stored, wanted) => {
      const prefix = `found${anOperation().id.replaceAll("-", "")}`;
      for (const method of stored) await store(prefix + method, 1);
      const answer = await claim(
        database,
        { ...command("", 20), wanted: wanted.map((method) => ({ method: prefix + method, limit: 9 })) },
        { now: null, starts: startsOn(systemClock), turns: new Turns() },
      );
      assert.deepEqual(
        answer.operations.map(({ method }) => method.slice(prefix.length)).toSorted(),
        stored.filter((method) => wanted.includes(method)).toSorted(),
      );
    }),
    { numRuns: 40 },
  );
});
