import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Tell } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { rowOf } from "../core/list/operation-row.ts";
import type { Operation } from "../core/operation/operation.ts";
import { isSealed, LOST_REQUEST, SEAL } from "../core/operation/sealed.ts";
import type { ReplaceCommand, Store } from "../core/ports/store.ts";
import { openStore } from "../store/open.ts";
import { aFinishedOperation, aRunningOperation, after } from "../store/suite/subject.suite.ts";
import { anOperation } from "../testing/an-operation.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { DATA_KEY, dataKeyResource, dataKeyOf } from "./data-key-record.ts";
import { aKek, encrypted } from "./encrypted.suite.ts";

const LIST = { filter: null, order: { by: "createTime", descending: false }, after: null, limit: 9 } as const;
const ALL = { ...LIST, collection: { parent: "-", isWide: true } } as const;

/** A store, and the same store with encryption. */
async function aBench(tell: Tell = {}) {
  const clock = new ManualClock();
  const kept = await openStore("sqlite::memory:", { clock });
  const store = await encrypted(kept, { clock, keks: [aKek(1)], tell });
  return { clock, kept, store, [Symbol.asyncDispose]: () => store.close() };
}

/** Copies the stored form of one operation, or a part of it, into the record of another. */
async function move(
  kept: Store,
  to: Operation,
  change: (record: Operation) => Partial<Operation>,
): Promise<void> {
  const record = await kept.read(to.id);
  assert.ok(record !== undefined);
  const command: ReplaceCommand = {
    verb: "replace",
    next: { ...record, ...change(record), revision: record.revision + 1 },
    expectedRevision: record.revision,
  };
  assert.deepEqual(await kept.write(command), { replaced: true });
}

async function shred(kept: Store): Promise<void> {
  for (const each of await kept.resources.list(DATA_KEY, 9)) {
    const record = dataKeyOf(each);
    if (record.tenant !== "projects/p") continue;
    const shredded = dataKeyResource(each.name, { ...record, key: "", shredTime: 5 });
    await kept.resources.put(shredded, each.revision);
  }
}

async function insert(store: Store, ...operations: readonly Operation[]): Promise<void> {
  for (const next of operations) {
    const { id, parent, method, request, createTime } = next;
    const operation = anOperation({ id, parent, method, request, createTime, availableTime: createTime });
    await store.write({ verb: "insert", operation });
    await store.write({ verb: "replace", next, expectedRevision: 1 });
  }
}

const failed = (operation: Operation): Operation =>
  after(operation, {
    type: "fail",
    now: operation.createTime,
    attempt: 1,
    error: { code: "ABORTED", message: "full", details: [{ "@type": "a.B", text: "x" }] },
    exception: "Error: full",
    retryTime: null,
  });

/** One operation succeeded, one failed, one is running. */
const three = (parent: string): readonly Operation[] => [
  aFinishedOperation({ parent }),
  failed(aRunningOperation(9, { parent })),
  aRunningOperation(9, {
    parent,
    metadata: { type: "google.protobuf.Struct", json: '{"statusMessage":"a"}' },
  }),
];

describe("a sealed text", () => {
  it("is refused in another operation, and in another field", async () => {
    const altered: string[] = [];
    await using bench = await aBench({
      "encryption.altered": ({ operation }) => void altered.push(operation),
    });
    const { kept, store } = bench;
    const [one, other] = [aFinishedOperation(), aFinishedOperation()];
    const running = aRunningOperation(9, { metadata: one.response });
    await insert(store, one, other, running);
    const sealed = await kept.read(one.id);
    await move(kept, other, () => ({ response: sealed?.response ?? null }));
    const found = await store.read(other.id);
    assert.deepEqual([found?.response, found?.error?.code], [null, "DATA_LOSS"]);
    assert.equal((await store.read(one.id))?.error, null);
    const [request, reported] = [sealed?.request ?? "", await kept.read(running.id)];
    await move(kept, running, () => ({ metadata: { type: "google.protobuf.Struct", json: request } }));
    assert.equal((await store.read(running.id))?.metadata, null);
    // The type of a payload is part of its binding.
    await move(kept, running, () => ({ metadata: { type: "a.B", json: reported?.metadata?.json ?? "" } }));
    assert.equal((await store.read(running.id))?.metadata, null);
    assert.deepEqual(new Set(altered).size, 2);
  });

  it("is made of any written text, even if it looks sealed", async () => {
    await using bench = await aBench();
    const { kept, store } = bench;
    const text = `${SEAL}canary`;
    const error = { code: "ABORTED", message: text, details: [] } as const;
    const running = aRunningOperation(9);
    const now = running.createTime;
    const operation = after(running, {
      type: "fail",
      now,
      attempt: 1,
      error,
      exception: text,
      retryTime: null,
    });
    await insert(store, operation);
    assert.ok(!JSON.stringify(await kept.read(operation.id)).includes("canary"));
    assert.deepEqual(await store.read(operation.id), operation);
    assert.deepEqual((await store.rows(ALL)).rows, [rowOf(operation)]);
  });

  it("of an error is refused with another code", async () => {
    await using bench = await aBench();
    const operation = failed(aRunningOperation(9));
    await insert(bench.store, operation);
    assert.deepEqual((await bench.store.read(operation.id))?.error, operation.error);
    await move(bench.kept, operation, ({ error }) => ({
      error: error === null ? null : { ...error, code: "NOT_FOUND" },
    }));
    assert.equal((await bench.store.read(operation.id))?.error?.code, "DATA_LOSS");
  });
});

describe("a tenant whose keys were shredded", () => {
  it("has lost its payloads, and everything else is unchanged; no other tenant has lost anything", async () => {
    await using bench = await aBench();
    const { clock, kept, store } = bench;
    const [mine, others] = [three("projects/p/locations/l"), three("projects/q")];
    await insert(store, ...mine, ...others);
    await shred(kept);
    await clock.advance(LIMITS.dataKeyTrustMs);
    const { operations } = await store.list(ALL);
    assert.deepEqual(operations.slice(3), others);
    const outcomes = operations
      .slice(0, 3)
      .map(({ request, response, error }) => [request, response, error?.code]);
    assert.deepEqual(outcomes, [
      [LOST_REQUEST, null, "DATA_LOSS"],
      [LOST_REQUEST, null, "DATA_LOSS"],
      [LOST_REQUEST, null, undefined],
    ]);
    assert.deepEqual(
      operations.map(({ id, state, endTime, worker }) => [id, state, endTime, worker]),
      [...mine, ...others].map(({ id, state, endTime, worker }) => [id, state, endTime, worker]),
    );
    assert.ok(!JSON.stringify(operations.slice(0, 3)).includes("full"));
    const { rows } = await store.rows(ALL);
    assert.deepEqual(rows.slice(3), others.map(rowOf));
    assert.deepEqual(
      rows.slice(0, 3).map(({ message, errorCode }) => [message, errorCode]),
      [
        ["", null],
        ["", "ABORTED"],
        ["", null],
      ],
    );
  });
});

describe("a payload that is stored along with a change", () => {
  it("is lost with the tenant of the changed record, not with that of its own parent", async () => {
    await using bench = await aBench();
    const { clock, kept, store } = bench;
    const running = aRunningOperation(9, { parent: "projects/p" });
    const along = [1, 2].map((number) => anOperation({ parent: "other/o", request: `{"number":${number}}` }));
    await insert(store, running);
    const next = failed(running);
    await store.write({
      verb: "replace",
      next,
      expectedRevision: running.revision,
      along: along.slice(0, 1),
    });
    await store.write({ verb: "remove", id: running.id, parent: running.parent, along: along.slice(1) });
    const read = () => Promise.all(along.map(async ({ id }) => (await store.read(id))?.request));
    assert.deepEqual(await read(), ['{"number":1}', '{"number":2}']);
    await shred(kept);
    await clock.advance(LIMITS.dataKeyTrustMs);
    assert.deepEqual(await read(), [LOST_REQUEST, LOST_REQUEST]);
  });
});

describe("a claim", () => {
  it("releases operations that it fails to open, and returns the rest", async () => {
    await using bench = await aBench();
    const { clock, kept, store } = bench;
    const [bad, good] = [anOperation({ parent: "a/a" }), anOperation({ parent: "b/b" })];
    for (const operation of [bad, good]) await store.write({ verb: "insert", operation });
    for (const each of await kept.resources.list(DATA_KEY, 9))
      if (dataKeyOf(each).tenant === "a/a") await kept.resources.put({ ...each, value: "{" }, each.revision);
    const damaged: string[] = [];
    const tell: Tell = { "encryption.key-damaged": ({ key }) => void damaged.push(key) };
    const other = await encrypted(kept, { clock, keks: [aKek(1)], tell });
    const wanted = [{ method: bad.method, limit: 2 }];
    const claim = { verb: "claim", worker: "w", leaseMs: 9, limit: 2, wanted } as const;
    const { operations } = await other.write(claim);
    assert.deepEqual(
      operations.map(({ id, request }) => [id, request]),
      [[good.id, good.request]],
    );
    assert.equal((await kept.read(bad.id))?.state, "PENDING");
    await clock.advance(LIMITS.keyMissingDelayMs);
    assert.deepEqual((await other.write(claim)).operations, []);
    await assert.rejects(other.read(bad.id), { code: "UNAVAILABLE", reason: "KEY_UNAVAILABLE" });
    assert.deepEqual(damaged.length, 1);
  });
});

describe("a process without a KEK", () => {
  it("is told so, and releases its claims, for a process that has it", async () => {
    await using bench = await aBench();
    const { clock, kept, store } = bench;
    // It starts before the other has sealed anything, as happens if a KEK is changed in the wrong
    // order.
    const blind = await encrypted(kept, { clock, keks: [aKek(2)] });
    const operation = anOperation({ method: "m" });
    await store.write({ verb: "insert", operation });
    const refused = { code: "UNAVAILABLE", reason: "KEY_UNAVAILABLE" };
    await assert.rejects(blind.read(operation.id), refused);
    assert.deepEqual(await blind.readOrSealed?.(operation.id), await kept.read(operation.id));
    assert.deepEqual(await store.readOrSealed?.(operation.id), operation);
    assert.equal(await store.readOrSealed?.(anOperation().id), undefined);
    const { operations: listed } = await blind.list(ALL);
    assert.deepEqual(
      listed.map(({ id, request }) => [id, isSealed(request)]),
      [[operation.id, true]],
    );
    const claim = { verb: "claim", leaseMs: 9, limit: 1, wanted: [{ method: "m", limit: 1 }] } as const;
    assert.deepEqual((await blind.write({ ...claim, worker: "blind" })).operations, []);
    const back = await store.read(operation.id);
    assert.deepEqual([back?.state, back?.failedAttempts], ["PENDING", 0]);
    await clock.advance(LIMITS.keyMissingDelayMs);
    const { operations } = await store.write({ ...claim, worker: "sees" });
    assert.equal(operations[0]?.request, operation.request);
  });
});

/** JSON of the given size in bytes. */
const text = (bytes: number): string => `{"a":"${"x".repeat(bytes - 8)}"}`;

describe("payloads", () => {
  it("are limited by the size that is sent: the largest allowed ones are stored", async () => {
    await using bench = await aBench();
    const payload = { type: "google.protobuf.Struct", json: text(LIMITS.payloadBytesMax) };
    const request = text(LIMITS.requestBytesMax);
    const running = aRunningOperation(9, { request, metadata: payload });
    const done = after(running, { type: "complete", now: running.createTime, attempt: 1, response: payload });
    await insert(bench.store, done);
    const kept = await bench.kept.read(done.id);
    assert.ok(isSealed(kept?.request ?? "") && isSealed(kept?.response?.json ?? ""));
    assert.deepEqual(await bench.store.read(done.id), done);
    const { operations } = await bench.store.list(ALL);
    assert.deepEqual(operations, [done]);
  });

  it("of requests are opened only when they are read, and count as lost if they were altered", async () => {
    const altered: string[] = [];
    await using bench = await aBench({
      "encryption.altered": ({ operation }) => void altered.push(operation),
    });
    const { kept, store } = bench;
    const [one, other] = [1, 2].map((number) => anOperation({ request: JSON.stringify({ number }) }));
    assert.ok(one !== undefined && other !== undefined);
    await insert(store, one);
    const sealed = await kept.read(one.id);
    await kept.write({ verb: "insert", operation: { ...other, request: sealed?.request ?? "" } });
    const found = await store.read(other.id);
    assert.deepEqual(altered, []);
    assert.equal(found?.request, LOST_REQUEST);
    assert.equal(altered.length, 1);
    assert.equal((await store.read(one.id))?.request, one.request);
  });
});
