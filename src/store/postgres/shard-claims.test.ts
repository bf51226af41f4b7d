import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { ClaimCommand } from "../../core/ports/store.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { changeOf } from "../cells.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { insertAll } from "./inserts.ts";
import { type ShardClaimsParts, ShardClaims } from "./shard-claims.ts";
import { LOOK } from "./statements-claim.ts";
import type { Query } from "./session.ts";

// These queries are for a distributed database, but an ordinary one answers them as well.
const query = queryOf(open(await aMigratedAddress()));

/** Records the queries that it passes on: the shards of claims in their order, and `look`. */
function counting(): { readonly query: Query; readonly asked: (number | "look")[] } {
  const asked: (number | "look")[] = [];
  return {
    asked,
    query: (text, parameters) => {
      asked.push(text === LOOK ? "look" : Number(/o\.shard = (\d+)/.exec(text)?.[1]));
      return query(text, parameters);
    },
  };
}

function claimsOf(parts: Partial<ShardClaimsParts> = {}): ShardClaims {
  return new ShardClaims({ clock: systemClock, time: () => systemClock.now(), ...parts });
}

function on(shard: number, fields: Partial<Operation> = {}): Operation {
  const { id } = anOperation();
  return anOperation({ ...fields, id: id.slice(0, -2) + shard.toString(16).padStart(2, "0") });
}

async function store(...operations: readonly Operation[]): Promise<void> {
  await insertAll(query, inserts(operations));
}

const command = (method: string, limit: number): ClaimCommand => ({
  verb: "claim",
  worker: "w",
  leaseMs: 60_000,
  limit,
  wanted: [{ method, limit }],
});

test("an idle claim is one statement, and returns the time of the next work", async () => {
  const [availableTime, later] = [systemClock.now() + 60_000, systemClock.now() + 90_000];
  await store(
    on(3, { method: "idle", availableTime: later }),
    on(9, { method: "idle", availableTime }),
    on(4, { method: "idle", availableTime: 1, deadlineTime: 2 }),
  );
  const { query: counted, asked } = counting();
  const answer = await claimsOf().claim(command("idle", 5), { query: counted, now: null });
  assert.deepEqual(answer, { operations: [], nextTime: availableTime });
  assert.deepEqual(asked, ["look"]);
});

test("a claim looks for shards, begins with the oldest work, and claims no more than it wants", async () => {
  const now = systemClock.now();
  const [young, old] = [
    on(1, { method: "order", availableTime: now - 1_000 }),
    on(60, { method: "order", availableTime: now - 3_000 }),
  ];
  const middle = on(2, { method: "order", availableTime: now - 2_000 });
  await store(young, old, middle);
  const { query: counted, asked } = counting();
  const claims = claimsOf();
  const first = await claims.claim(command("order", 2), { query: counted, now: null });
  assert.deepEqual(
    first.operations.map(({ id }) => id),
    [old.id, middle.id],
  );
  assert.equal(first.nextTime, young.availableTime);
  assert.deepEqual(asked.splice(0), ["look", 60, 2]);
  const second = await claims.claim(command("order", 2), { query: counted, now: null });
  assert.deepEqual([second.operations.map(({ id }) => id), second.nextTime], [[young.id], null]);
});

test("a claim needs no look for announced shards and for shards with remaining work", async () => {
  const { query: counted, asked } = counting();
  const claims = claimsOf();
  const claim = (limit: number) => claims.claim(command("told", limit), { query: counted, now: null });
  await claim(1);
  asked.length = 0;
  const told = [on(7, { method: "told" }), on(7, { method: "told" })];
  await store(...told);
  claims.hear([...told, on(8, { method: "of no interest" })].map(changeOf));
  assert.equal((await claim(1)).operations.length, 1);
  assert.deepEqual(asked.splice(0), [7]);
  assert.equal((await claim(1)).operations.length, 1);
  assert.deepEqual(asked.splice(0), [7]);
  assert.equal((await claim(1)).operations.length, 0);
  assert.deepEqual(asked.splice(0), ["look"]);
});

test("work that is announced without its id is found by a look", async () => {
  const { query: counted } = counting();
  const claims = claimsOf();
  const operation = on(30, { method: "unnamed" });
  await store(operation);
  claims.hear([{ ...changeOf(operation), id: "" }]);
  const { operations } = await claims.claim(command("unnamed", 9), { query: counted, now: null });
  assert.deepEqual(
    operations.map(({ id }) => id),
    [operation.id],
  );
});

test("announced shards are claimed from directly, and all shards are looked at twice a second at most", async () => {
  const { query: counted, asked } = counting();
  const clock = new ManualClock();
  const claims = claimsOf({ clock, isTold: () => true });
  const claim = () => claims.claim(command("hinted", 9), { query: counted, now: null });
  const hint = { ...changeOf(on(0, { method: "hinted" })), id: "" };
  await claim();
  assert.deepEqual(asked.splice(0), ["look"]);
  await store(on(11, { method: "hinted" }), on(12, { method: "hinted" }));
  claims.hear([{ ...hint, availableTime: 1 }], [11]);
  assert.equal((await claim()).operations.length, 1);
  assert.deepEqual(asked.splice(0), [11]);
  assert.equal((await claim()).operations.length, 0);
  assert.deepEqual(asked.splice(0), []);
  await clock.advance(500);
  assert.equal((await claim()).operations.length, 1);
  assert.deepEqual(asked.splice(0), ["look", 12]);
  claims.hear([hint], []);
  await claim();
  assert.deepEqual(asked.splice(0), ["look"], "it was not told where");
});

test("work on another process's shard is left to that process for a moment", async () => {
  const { query: counted } = counting();
  const availableTime = systemClock.now() - 50;
  const [own, other] = [on(20, { method: "left", availableTime }), on(21, { method: "left", availableTime })];
  await store(own, other);
  let time = systemClock.now();
  const claims = claimsOf({ time: () => time, owns: (_, shard) => shard === 20 });
  const claim = () => claims.claim(command("left", 9), { query: counted, now: null });
  const first = await claim();
  assert.deepEqual([first.operations.map(({ id }) => id), first.nextTime], [[own.id], availableTime + 200]);
  time += 200;
  assert.deepEqual(
    (await claim()).operations.map(({ id }) => id),
    [other.id],
  );
});

test("a shard that fails does not block others, and is skipped for a while", async () => {
  const away = Object.assign(new Error("could not connect"), { name: "PostgresError", code: "08006" });
  const { query: counted, asked } = counting();
  const clock = new ManualClock();
  let isAway = true;
  const broken: Query = async (text, parameters) => {
    const rows = await counted(text, parameters);
    if (isAway && (text === LOOK || text.includes("o.shard = 40 "))) throw away;
    return rows;
  };
  const base = systemClock.now();
  const claims = claimsOf({ clock, time: () => base + clock.monotonic() });
  const claim = () => claims.claim(command("away", 9), { query: broken, now: null });
  const healthy = on(41, { method: "away" });
  await store(healthy);
  assert.deepEqual(
    (await claim()).operations.map(({ id }) => id),
    [healthy.id],
  );
  assert.equal(asked.splice(0).length, 1 + 64, "a look, and each shard");
  const more = on(41, { method: "away" });
  const missed = on(40, { method: "away" });
  await store(more, missed);
  claims.hear([more, missed].map(changeOf));
  assert.equal((await claim()).operations.length, 1);
  assert.deepEqual(asked.splice(0), [41]);
  isAway = false;
  await clock.advance(2_000);
  assert.deepEqual(
    (await claim()).operations.map(({ id }) => id),
    [missed.id],
  );
});

test("a claim fails if no shard answers, and the known work is kept", async () => {
  const away = Object.assign(new Error("could not connect"), { name: "PostgresError", code: "08006" });
  const { query: counted, asked } = counting();
  const clock = new ManualClock();
  const base = systemClock.now();
  const claims = claimsOf({ clock, time: () => base + clock.monotonic(), isTold: () => true });
  const claim = (each: Query) => claims.claim(command("none", 1), { query: each, now: null });
  await claim(counted);
  const known = on(5, { method: "none" });
  await store(known);
  claims.hear([changeOf(known)]);
  // From here on a claim may look again.
  await clock.advance(500);
  await assert.rejects(
    claim(() => Promise.reject(away)),
    away,
  );
  await clock.advance(2_000);
  asked.length = 0;
  const { operations } = await claim(counted);
  assert.deepEqual(
    operations.map(({ id }) => id),
    [known.id],
  );
  assert.ok(asked.includes(5) && !asked.includes("look"), "it is claimed without another look");
});

test("a claim reads several shards in parallel, gets all that it wants, and reads one shard at a time for few slots", async () => {
  const operations = [50, 51, 52].flatMap((shard) => [1, 2, 3].map(() => on(shard, { method: "many" })));
  await store(...operations);
  const { query: counted, asked } = counting();
  const claims = claimsOf();
  const few = { ...command("many", 2), limit: 3 };
  const first = await claims.claim(few, { query: counted, now: null });
  assert.equal(first.operations.length, 2);
  assert.equal(asked.splice(0).length, 2, "a look, and one shard");
  const second = await claims.claim(command("many", 6), { query: counted, now: null });
  assert.equal(second.operations.length, 6);
  assert.deepEqual(
    (await claims.claim(command("many", 9), { query: counted, now: null })).operations.length,
    1,
  );
});
