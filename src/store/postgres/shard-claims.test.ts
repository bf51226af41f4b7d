import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import type { ClaimCommand } from "../../core/ports/store.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { changeOf } from "../cells.ts";
import { aMigratedAddress, inserts, open, queryOf } from "./a-database.suite.ts";
import { insertAll } from "./inserts.ts";
import { type ShardClaimsParts, ShardClaims } from "./shard-claims.ts";
import { LOOK } from "./statements-claim.ts";
import type { Query } from "./session.ts";

// What a distributed database is asked, one that is not answers as well.
const query = queryOf(open(await aMigratedAddress()));

/** Counts what it passes on: the shards that are claimed from in their order, and `look`. */
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

test("an idle claim is one statement, and tells when the next becomes available", async () => {
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

test("a claim looks for shards, claims from each in the order that it is given, and no more than it wants", async () => {
  const [a, b, c] = [on(1, { method: "order" }), on(2, { method: "order" }), on(60, { method: "order" })];
  await store(a, b, c);
  const { query: counted, asked } = counting();
  const claims = claimsOf({ shards: () => [60, 2, 1] });
  const first = await claims.claim(command("order", 2), { query: counted, now: null });
  assert.deepEqual(new Set(first.operations.map(({ id }) => id)), new Set([c.id, b.id]));
  assert.equal(first.nextTime, a.availableTime);
  assert.deepEqual(asked.splice(0), ["look", 60, 2]);
  const second = await claims.claim(command("order", 2), { query: counted, now: null });
  assert.deepEqual([second.operations.map(({ id }) => id), second.nextTime], [[a.id], null]);
});

test("a shard that it is told of, and one that it left work on, it claims from without a look", async () => {
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

test("whoever is told of work without its id finds it by a look", async () => {
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
