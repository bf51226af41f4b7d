import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import * as fc from "fast-check";
import { postgresForTests } from "../../test/support/postgres.ts";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { IdSource, idTime } from "../core/operation/id.ts";
import type { Operation } from "../core/operation/operation.ts";
import { systemRandom } from "../core/ports/random.ts";
import type { Store } from "../core/ports/store.ts";
import { openStore } from "../store/open.ts";
import { after as next, aRunningOperation } from "../store/suite/subject.suite.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { DATA_KEY, dataKeyId, dataKeyOf, dataKeyResource, dayOf } from "./data-key-record.ts";
import { aKek, encrypted } from "./encrypted.suite.ts";
import { KeyPurge } from "./key-purge.ts";

const server = await postgresForTests();
after(() => server[Symbol.asyncDispose]());

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const PURGE = { verb: "purge", limit: 500 } as const;

interface Step {
  readonly act: "start" | "report" | "end" | "remove" | "purge";
  /** What passes before it. */
  readonly hours: number;
  /** Which operation. */
  readonly index: number;
  /** How far the id of a new operation is ahead: the clock was set back since. */
  readonly aheadDays: number;
}

const histories = fc.array(
  fc.record<Step>({
    act: fc.constantFrom("start", "start", "report", "end", "remove", "purge", "purge"),
    hours: fc.integer({ min: 0, max: 72 }),
    index: fc.nat(20),
    aheadDays: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 1, max: 30 })),
  }),
  { minLength: 5, maxLength: 60 },
);

/** Carries out steps, and looks after each purge whether everything that is left can be read. */
class History {
  readonly #clock = new ManualClock();
  readonly #ids = new IdSource(systemRandom);
  readonly #left: Operation[] = [];
  readonly #kept: Store;
  readonly #store: Store;
  #ends = 0;

  private constructor(kept: Store, store: Store, clock: ManualClock) {
    [this.#kept, this.#store, this.#clock] = [kept, store, clock];
  }

  static async run(steps: readonly Step[]): Promise<void> {
    const clock = new ManualClock();
    const kept = await openStore("sqlite::memory:", { clock });
    const history = new History(kept, await encrypted(kept, { clock, keks: [aKek(1)] }), clock);
    try {
      for (const step of steps) await history.#step(step);
      await history.#end();
    } finally {
      await kept.close();
    }
  }

  async #step({ act, hours, index, aheadDays }: Step): Promise<void> {
    await this.#clock.advance(hours * HOUR_MS);
    const at = index % Math.max(1, this.#left.length);
    const operation = this.#left[at];
    if (act === "start") await this.#start(aheadDays);
    else if (act === "purge") await this.#purge();
    else if (operation === undefined) return;
    else if (act === "remove") {
      await this.#store.write({ verb: "remove", id: operation.id, parent: operation.parent });
      this.#left.splice(at, 1);
    } else if (operation.endTime === null) this.#left[at] = await this.#changed(operation, act);
  }

  async #start(aheadDays: number): Promise<void> {
    const now = this.#store.time();
    const id = this.#ids.next(now + aheadDays * DAY_MS);
    const fields = { id, parent: "projects/p", createTime: now, request: `{"n":${this.#left.length}}` };
    const operation = aRunningOperation(now + 1_000 * DAY_MS, { ...fields, timeToLiveMs: 20 * DAY_MS });
    await this.#store.write({ verb: "insert", operation });
    this.#left.push(operation);
  }

  async #changed(operation: Operation, act: "report" | "end"): Promise<Operation> {
    const payload = { type: "google.protobuf.Struct", json: `{"end":${this.#ends++}}` };
    const { id, parent, revision } = operation;
    if (act === "report") {
      const renewal = { verb: "renew", id, parent, attempt: 1, leaseMs: 1_000 * DAY_MS } as const;
      const answer = await this.#store.write({ ...renewal, metadata: payload });
      assert.ok(answer.held);
      return { ...operation, metadata: payload, revision: answer.revision, leaseTime: answer.leaseTime };
    }
    const now = this.#store.time();
    const ended = next(operation, { type: "complete", now, attempt: 1, response: payload });
    const replaced = await this.#store.write({ verb: "replace", next: ended, expectedRevision: revision });
    assert.deepEqual(replaced, { replaced: true });
    return ended;
  }

  /** Keys of days before the oldest operation, and before the last seven, are gone, and nothing that is left is lost. */
  async #purge(): Promise<void> {
    await this.#clock.advance(LIMITS.dataKeyPurgeMs);
    const { ids } = await this.#store.write(PURGE);
    for (const id of ids)
      this.#left.splice(
        this.#left.findIndex((each) => each.id === id),
        1,
      );
    // After what expired is gone.
    await this.#clock.advance(LIMITS.dataKeyPurgeMs);
    const more = await this.#store.write(PURGE);
    for (const id of more.ids)
      this.#left.splice(
        this.#left.findIndex((each) => each.id === id),
        1,
      );
    for (const each of this.#left) assert.deepEqual({ ...(await this.#store.read(each.id)) }, each);
    const days = (await this.#kept.resources.list(DATA_KEY, 999)).map((each) => dataKeyOf(each).day);
    const first = Math.min(
      dayOf(this.#store.time() - LIMITS.dataKeyKeptMs),
      ...this.#left.map(({ id }) => dayOf(idTime(id))),
    );
    assert.deepEqual(
      days.filter((day) => day < first - 1),
      [],
    );
  }

  /** At last nothing is left, and no key. */
  async #end(): Promise<void> {
    for (const { id, parent } of this.#left.splice(0))
      await this.#store.write({ verb: "remove", id, parent });
    await this.#clock.advance(40 * DAY_MS);
    await this.#purge();
    assert.deepEqual(await this.#kept.resources.list(DATA_KEY, 9), []);
  }
}

/** A running operation whose id tells this time, whatever ids other tests made. */
function startedAt(createTime: number): Operation {
  const id = new IdSource(systemRandom).next(createTime);
  return aRunningOperation(createTime + 100 * DAY_MS, { id, createTime });
}

/** A store with an operation of 30 days ago, and with keys of the days around. */
async function old(address: string) {
  const store = await openStore(address, { postgres: { connections: 4, listen: false } });
  const createTime = store.time() - 30 * DAY_MS;
  const operation = startedAt(createTime);
  await store.write({ verb: "insert", operation });
  const record = { service: "s", tenant: "t", kek: aKek(1).id, key: "x", uses: 1, shredTime: null };
  for (const ago of [-3, -2, -1, 0, 1, 10, 30]) {
    const day = dayOf(createTime) + ago;
    await store.resources.put(dataKeyResource(dataKeyId("t", day, 0), { ...record, day }), null);
  }
  const left = async (): Promise<readonly number[]> =>
    (await store.resources.list(DATA_KEY, 9))
      .map((each) => dataKeyOf(each).day - dayOf(createTime))
      .toSorted((a, b) => a - b);
  return { store, operation, left };
}

describe("data keys", () => {
  it("are removed with the operations that need them, in any history, and not before", async () => {
    await fc.assert(
      fc.asyncProperty(histories, (steps) => History.run(steps)),
      { numRuns: 60 },
    );
  });

  it("stay as long as texts that they sealed may be in the store", async (context) => {
    const clock = new ManualClock();
    const kept = await openStore("sqlite::memory:", { clock });
    context.after(() => kept.close());
    const store = await encrypted(kept, { clock, keks: [aKek(1)] });
    const held = Promise.withResolvers<void>();
    const write = kept.write.bind(kept);
    kept.write = async (command) => {
      if (command.verb === "insert") await held.promise;
      return write(command);
    };
    const operation = startedAt(store.time());
    const inserted = store.write({ verb: "insert", operation });
    await clock.advance(LIMITS.dataKeyKeptMs);
    await store.write(PURGE);
    held.resolve();
    await inserted;
    await clock.advance(LIMITS.dataKeyTrustMs);
    assert.deepEqual({ ...(await store.read(operation.id)) }, operation);
  });

  for (const [name, address] of [
    ["SQLite", async () => "sqlite::memory:"],
    ["PostgreSQL", () => server.createDatabase()],
  ] as const)
    it(`are removed by the age of the oldest operation on ${name}, or by their own age if there is none`, async (context) => {
      const { store, operation, left } = await old(await address());
      context.after(() => store.close());
      const tell: Tell = { "encryption.keys-kept": ({ error }) => assert.fail(error as Error) };
      const round = (): Promise<void> => new KeyPurge({ store, clock: new ManualClock(), tell }).round();
      await round();
      assert.deepEqual(await left(), [0, 1, 10, 30]);
      await store.write({ verb: "remove", id: operation.id, parent: operation.parent });
      await round();
      assert.deepEqual(await left(), [30]);
    });

  it("that cannot be removed do not stop the purge of operations, and are retried", async (context) => {
    const clock = new ManualClock();
    const kept = await openStore("sqlite::memory:", { clock });
    context.after(() => kept.close());
    const told: unknown[] = [];
    let fails = true;
    const { resources } = kept;
    const removeDue = resources.removeDue.bind(resources);
    resources.removeDue = async (...args) => {
      if (fails) throw new Error("no");
      return removeDue(...args);
    };
    const tell: Tell = {
      "encryption.keys-kept": ({ error }) => void told.push((error as Error).message),
      "encryption.keys-removed": ({ count }) => void told.push(count),
    };
    const store = await encrypted(kept, { clock, keks: [aKek(1)], tell });
    const operation = startedAt(store.time());
    await store.write({ verb: "insert", operation });
    await store.write({ verb: "remove", id: operation.id, parent: operation.parent });
    await clock.advance(10 * DAY_MS);
    assert.deepEqual((await store.write(PURGE)).ids, []);
    fails = false;
    await store.write(PURGE);
    assert.deepEqual(told, ["no"]);
    await clock.advance(LIMITS.dataKeyPurgeMs);
    await store.write(PURGE);
    assert.deepEqual(told, ["no", 1]);
  });
});
