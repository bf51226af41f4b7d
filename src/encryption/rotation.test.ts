import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { postgresForTests } from "../../test/support/postgres.ts";
import { LIMITS } from "../core/limits.ts";
import type { Operation } from "../core/operation/operation.ts";
import { type Clock, systemClock } from "../core/ports/clock.ts";
import { systemRandom } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { openStore } from "../store/open.ts";
import { after as next, aRunningOperation } from "../store/suite/subject.suite.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { DATA_KEY } from "./data-key-record.ts";
import { aKek, encrypted } from "./encrypted.suite.ts";
import { Keks } from "./keks.ts";
import { KEK, requireKeks } from "./needed-keks.ts";
import { keysOfTenant, rewrapKeys, shredTenant, statusOf } from "./rotation.ts";

const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());

interface Bench {
  readonly kept: Store;
  readonly clock: Clock;
  /** Lets a day pass, if the store's clock allows it. */
  readonly pass: () => Promise<void>;
}

const STORES: Readonly<Record<string, () => Promise<Bench>>> = {
  SQLite: async () => {
    const clock = new ManualClock();
    const kept = await openStore("sqlite::memory:", { clock });
    return { kept, clock, pass: () => clock.advance(86_400_000) };
  },
  PostgreSQL: async () => {
    const options = { postgres: { connections: 4, listen: false } };
    const kept = await openStore(await server.createDatabase(), options);
    return { kept, clock: systemClock, pass: async () => {} };
  },
};

/** Starts, reports and ends operations, one after the other, and returns their expected records. */
async function work(store: Store, parent: string, count: number): Promise<readonly Operation[]> {
  const ended: Operation[] = [];
  for (let number = 0; number < count; number++) {
    const json = `{"number":${number},"statusMessage":"s${number}"}`;
    const payload = { type: "google.protobuf.Struct", json };
    const leaseTime = store.time() + 3_600_000_000;
    const running = aRunningOperation(leaseTime, { parent, request: json });
    assert.deepEqual(await store.write({ verb: "insert", operation: running }), {
      inserted: true,
      blocked: false,
    });
    const renew = {
      verb: "renew",
      id: running.id,
      attempt: 1,
      leaseMs: 3_600_000_000,
      metadata: payload,
    } as const;
    const renewed = await store.write({ ...renew, parent });
    assert.ok(renewed.held);
    const { revision, leaseTime: until } = renewed;
    const reported = { ...running, metadata: payload, revision, leaseTime: until };
    const done = next(reported, { type: "complete", now: until, attempt: 1, response: payload });
    const answer = await store.write({ verb: "replace", next: done, expectedRevision: revision });
    assert.deepEqual(answer, { replaced: true });
    ended.push(done);
  }
  return ended;
}

for (const [name, aBench] of Object.entries(STORES)) {
  describe(`keys on ${name}`, () => {
    it("are rotated under load, both KEKs and data keys, and nothing is lost", async () => {
      const { kept, clock, pass } = await aBench();
      const keks = [aKek(1), aKek(2), aKek(3)] as const;
      // Processes that are reconfigured one after the other: each gets the next KEK before any
      // process encrypts with it.
      const [one, two, three] = await Promise.all([
        encrypted(kept, { clock, keks: [keks[0], keks[1], keks[2]] }),
        encrypted(kept, { clock, keks: [keks[1], keks[0], keks[2]] }),
        encrypted(kept, { clock, keks: [keks[2], keks[1], keks[0]] }),
      ]);
      const underWay: Promise<readonly Operation[]>[] = [];
      const begin = (store: Store): void => {
        for (const parent of ["projects/p/locations/l", "projects/q", ""])
          underWay.push(work(store, parent, 8));
      };
      begin(one);
      for (const [first, others, store] of [
        [keks[1], [keks[0]], two],
        [keks[2], [keks[0], keks[1]], three],
      ] as const) {
        begin(store);
        begin(one);
        await Promise.all([rewrapKeys(kept.resources, new Keks(first, others), systemRandom), pass()]);
      }
      const ended = (await Promise.all(underWay)).flat();
      const { missing } = await rewrapKeys(kept.resources, new Keks(keks[2], keks), systemRandom);
      assert.equal(missing.size, 0);
      // Only the last KEK is still needed.
      await requireKeks(kept, (id) => id === keks[2].id);
      const last = await encrypted(kept, { clock, keks: [keks[2]] });
      for (const operation of ended) assert.deepEqual(await last.read(operation.id), operation);
      const status = await statusOf(kept.resources);
      assert.deepEqual(status.keks, [{ id: keks[2].id, keys: status.keys }]);
      assert.deepEqual([status.tenants, status.shredded], [3, 0]);
      await kept.close();
    });
  });
}

describe("rewrapKeys()", () => {
  it("names the missing KEK, and does not change its keys", async () => {
    const kept = await openStore("sqlite::memory:");
    await work(await encrypted(kept, { keks: [aKek(1)] }), "projects/p", 1);
    const { rewrapped, missing } = await rewrapKeys(kept.resources, new Keks(aKek(2)), systemRandom);
    assert.deepEqual([rewrapped, [...missing]], [0, [[aKek(1).id, 1]]]);
    assert.deepEqual((await statusOf(kept.resources)).keks, [{ id: aKek(1).id, keys: 1 }]);
    assert.equal((await kept.resources.list(KEK, 9)).length, 1, "nobody needs the other");
    await kept.close();
  });
});

/** For functions that must not be called. */
const none = async (): Promise<never> => assert.fail("nothing is done");

describe("shredTenant()", () => {
  it("destroys the keys of one tenant, in every process within a minute, and of no other", async () => {
    const clock = new ManualClock();
    const kept = await openStore("sqlite::memory:", { clock });
    const store = await encrypted(kept, { clock, keks: [aKek(1)] });
    const [mine] = await work(store, "projects/p/locations/l", 1);
    const [other] = await work(store, "projects/q", 1);
    assert.ok(mine !== undefined && other !== undefined);
    assert.equal(await keysOfTenant(kept.resources, "projects/p"), 1);
    assert.equal(await shredTenant(kept.resources, "projects/p", 5), 1);
    assert.equal(await shredTenant(kept.resources, "projects/p", 6), 0);
    assert.equal(await keysOfTenant(kept.resources, "projects/p"), 0);
    await clock.advance(LIMITS.dataKeyTrustMs);
    assert.equal((await store.read(mine.id))?.error?.code, "DATA_LOSS");
    assert.deepEqual(await store.read(other.id), other);
    // The tenant continues with a new key.
    const [later] = await work(store, "projects/p", 1);
    assert.deepEqual(await store.read(later?.id ?? ""), later);
    const { keys, shredded, tenants } = await statusOf(kept.resources);
    assert.deepEqual([keys, shredded, tenants], [2, 1, 2]);
    await kept.close();
  });

  it("is refused unless it sees all keys, because some might be left", async () => {
    const key = { kind: DATA_KEY, name: "k", dueTime: null, value: "{}", revision: 1 };
    const many = {
      list: async (_kind: string, limit: number) => Array.from({ length: limit }, () => key),
      read: none,
      put: none,
    };
    const refused = { code: "FAILED_PRECONDITION", message: /more than 1000000 keys/ };
    await assert.rejects(shredTenant({ ...many, remove: none, removeDue: none }, "projects/p", 5), refused);
  });
});
