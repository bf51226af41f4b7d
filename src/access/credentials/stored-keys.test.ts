import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { silence } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ResourceStore } from "../../core/ports/resource-store.ts";
import { openStore } from "../../store/open.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { hashOfKey, newApiKey } from "./api-key.ts";
import { KEY_KIND, resourceOf, storedKeyOf } from "./stored-key.ts";
import { StoredKeys } from "./stored-keys.ts";

const random = seededRandom(1);

/** A process that looks up keys, on a store shared with others. */
class Process {
  readonly reads: number[] = [];
  revocations = 0;
  readonly keys: StoredKeys;
  /** Whether the store is unavailable. */
  isAway = false;
  /** Reads wait for this. */
  gate: Promise<void> = Promise.resolve();

  constructor(resources: ResourceStore, clock: ManualClock) {
    const read: ResourceStore["read"] = async (kind, names) => {
      this.reads.push(names.length);
      const found = await resources.read(kind, names);
      await this.gate;
      if (this.isAway) throw new Error("The store is away");
      return found;
    };
    const own: ResourceStore = {
      read,
      list: (...args) => resources.list(...args),
      put: (...args) => resources.put(...args),
      remove: (...args) => resources.remove(...args),
      removeDue: (...args) => resources.removeDue(...args),
    };
    const onRevoked = () => void this.revocations++;
    this.keys = new StoredKeys({ resources: own, time: () => clock.now(), clock, onRevoked });
  }
}

async function open() {
  const clock = new ManualClock();
  const store = await openStore("sqlite::memory:", { clock, random, tell: silence });
  const { resources } = store;
  const made: Process[] = [];
  return {
    clock,
    resources,
    process: () => {
      const process = new Process(resources, clock);
      made.push(process);
      return process;
    },
    create: async (expireTime: number | null = null): Promise<string> => {
      const hash = hashOfKey(newApiKey("test", random));
      const key = { hash, principal: "user:ada", groups: [], expireTime, prefix: "lro_test_", createTime: 0 };
      assert.equal(await resources.put(resourceOf({ ...key, lastUsedTime: null }), null), 1);
      return hash;
    },
    stored: async (hash: string) => {
      const [resource] = await resources.read(KEY_KIND, [hash]);
      return resource === undefined ? undefined : storedKeyOf(resource);
    },
    [Symbol.asyncDispose]: async () => {
      for (const { keys } of made) keys.stop();
      const before = clock.pending;
      await store.close();
      assert.ok(clock.pending <= before);
    },
  };
}

describe("StoredKeys", () => {
  it("reads a key once, uses it from memory from then on, and reads it again each second while it is used", async () => {
    await using test = await open();
    const { keys, reads } = test.process();
    const hash = await test.create();
    const key = await keys.find(hash);
    assert.equal(key?.caller.principal, "user:ada");
    for (let second = 0; second < 5; second++) {
      assert.equal(keys.find(hash), key);
      await test.clock.advance(LIMITS.apiKeyCheckMs);
    }
    assert.deepEqual(reads, [1, 1, 1, 1, 1, 1]);
    await test.clock.advance(60_000);
    assert.equal(reads.length, 6, "nobody uses it");
    assert.ok(keys.find(hash) instanceof Promise);
  });

  it("refuses a key within two seconds of its revocation by another process, and ends the calls that use it", async () => {
    await using test = await open();
    const { keys, ...process } = test.process();
    const hash = await test.create();
    const key = await keys.find(hash);
    await test.clock.advance(LIMITS.apiKeyCheckMs);
    assert.equal(await test.resources.remove(KEY_KIND, hash), true);
    // A caller waits.
    for (let second = 0; second < 2; second++) {
      key?.refusal(test.clock.now());
      await test.clock.advance(LIMITS.apiKeyCheckMs);
    }
    assert.equal(key?.refusal(test.clock.now())?.reason, "API_KEY_INVALID");
    assert.equal(keys.find(hash), undefined);
    assert.deepEqual(process.reads, [1, 1, 1]);
  });

  it("reports a revocation by this process at once", async () => {
    await using test = await open();
    const process = test.process();
    const hash = await test.create();
    const key = await process.keys.find(hash);
    assert.equal(key?.refusal(0), undefined);
    process.keys.revoked("0".repeat(64));
    assert.equal(process.revocations, 0);
    process.keys.revoked(hash);
    assert.equal(process.revocations, 1);
    assert.equal(key?.refusal(0)?.reason, "API_KEY_INVALID");
    assert.equal(process.keys.find(hash), undefined);
  });

  it("remembers an unknown key for one second only, because the key may be created meanwhile", async () => {
    await using test = await open();
    const { keys, reads } = test.process();
    const hash = hashOfKey(newApiKey("test", random));
    assert.equal(await keys.find(hash), undefined);
    assert.equal(keys.find(hash), undefined);
    assert.equal(reads.length, 1);
    await test.clock.advance(LIMITS.apiKeyCheckMs + 1);
    assert.equal(await keys.find(hash), undefined);
    assert.equal(reads.length, 2);
  });

  it("reads many keys in few reads, one read at a time", async () => {
    await using test = await open();
    const process = test.process();
    const gate = Promise.withResolvers<void>();
    process.gate = gate.promise;
    const hash = await test.create();
    const others = Array.from({ length: 2_500 }, () => hashOfKey(newApiKey("test", random)));
    const found = [hash, ...others, hash].map((each) => process.keys.find(each));
    await settled();
    assert.deepEqual(process.reads, [1]);
    gate.resolve();
    const keys = await Promise.all(found.map(async (each) => each));
    assert.deepEqual(process.reads, [1, 1_000, 1_000, 501]);
    assert.deepEqual(
      keys.flatMap((key) => (key === undefined ? [] : [key.record.hash])),
      [hash, hash],
    );
  });

  it("has a bound for keys that wait for the store", async () => {
    await using test = await open();
    const process = test.process();
    const gate = Promise.withResolvers<void>();
    process.gate = gate.promise;
    const found = Array.from({ length: LIMITS.apiKeysWaitingMax + 1 }, (_, index) =>
      process.keys.find(String(index)),
    );
    assert.throws(() => process.keys.find("one more"), {
      code: "UNAVAILABLE",
      reason: "CREDENTIALS_UNCHECKED",
    });
    gate.resolve();
    await Promise.all(found.map(async (each) => each));
  });

  it("says that the store is unavailable, and accepts no key on the basis of data older than two seconds", async () => {
    await using test = await open();
    const process = test.process();
    const hash = await test.create();
    const key = await process.keys.find(hash);
    process.isAway = true;
    await test.clock.advance(2 * LIMITS.apiKeyCheckMs);
    assert.equal(process.keys.find(hash), key);
    await test.clock.advance(1);
    const unchecked = { code: "UNAVAILABLE", reason: "CREDENTIALS_UNCHECKED" };
    await assert.rejects(async () => process.keys.find(hash), unchecked);
    assert.equal(key?.refusal(0), undefined, "it was not revoked, as far as anybody knows");
    process.isAway = false;
    assert.equal(await process.keys.find(hash), key);
  });

  it("stores once an hour that a key was used, without delaying its caller", async () => {
    await using test = await open();
    const { keys } = test.process();
    const other = test.process();
    const hash = await test.create();
    const began = test.clock.now();
    await keys.find(hash);
    await other.keys.find(hash);
    assert.equal((await test.stored(hash))?.lastUsedTime, null);
    await test.clock.advance(LIMITS.apiKeyCheckMs);
    assert.equal((await test.stored(hash))?.lastUsedTime, began + LIMITS.apiKeyCheckMs);
    for (let minute = 0; minute < 61; minute++) {
      await keys.find(hash);
      await test.clock.advance(60_000);
    }
    const stored = await test.stored(hash);
    assert.ok((stored?.lastUsedTime ?? 0) >= began + LIMITS.apiKeyUsedMs);
    assert.equal(stored?.revision, 3, "it was written twice");
  });

  it("ends a key at its expiry", async () => {
    await using test = await open();
    const { keys } = test.process();
    const end = test.clock.now() + 5_000;
    const key = await keys.find(await test.create(end));
    assert.equal(key?.refusal(end - 1), undefined);
    assert.match(key?.refusal(end)?.message ?? "", /expired/);
  });
});
