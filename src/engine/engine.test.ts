import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import type { Claimant, Reservation } from "../core/ports/worker-port.ts";
import { silence } from "../core/events.ts";
import { defineMethod } from "../core/method/method.ts";
import type { Operation } from "../core/operation/operation.ts";
import { openStore } from "../store/open.ts";
import { anOperation } from "../testing/an-operation.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { AttemptWrites } from "./attempt-writes.ts";
import { Engine } from "./engine.ts";
import { Records } from "./records.ts";

const pack = defineMethod({ name: "pack", request: z.object({}), run: () => {} });

/** An engine whose claimant has one slot, and a record of what happens to the slot. */
async function withOneSlot() {
  const [clock, random] = [new ManualClock(), seededRandom(1)];
  const store = await openStore("sqlite::memory:", { clock, random });
  const run: Operation[] = [];
  let free = 1;
  const reservation: Reservation = {
    worker: "w",
    leaseMs: 30_000,
    run: (operation) => void run.push(operation),
    cancel: () => void free++,
  };
  const claimant: Claimant = { reserve: () => (free-- > 0 ? reservation : (free++, undefined)) };
  const methods = new Map([[pack.name, pack]]);
  const engine = new Engine({
    attempts: new AttemptWrites(new Records(store, silence), "longrunning"),
    claimant,
    methods,
    clock,
    random,
    tell: silence,
    domain: "longrunning",
  });
  return { engine, store, clock, run, slots: () => free };
}

describe("stores an operation as claimed while a slot is free, and as pending otherwise", () => {
  it("stores an operation already claimed while a slot is free, and pending otherwise", async () => {
    const { engine, store, run } = await withOneSlot();
    const first = await engine.operations.start(ANONYMOUS, { method: "pack", request: {} });
    assert.deepEqual(run, []);
    const second = await engine.operations.start(ANONYMOUS, { method: "pack", request: {} });
    assert.deepEqual([first.state, first.attempt, second.state], ["RUNNING", 1, "PENDING"]);
    await settled();
    assert.deepEqual(run, [first]);
    assert.deepEqual([await store.read(first.id), await store.read(second.id)], [first, second]);
    await engine.stop();
    await store.close();
  });

  it("grants and checks leases so that an estimated store clock never shortens one", async () => {
    const { engine, store, clock } = await withOneSlot();
    store.timeBounds = () => ({ earliest: store.time() - 700, latest: store.time() + 700 });
    const { id } = await engine.operations.start(ANONYMOUS, { method: "pack", request: {} });
    assert.equal((await store.read(id))?.leaseTime, clock.now() + 30_700);
    // The store considers it due, but a renewal could have followed, which only the estimate takes
    // into account.
    await clock.advance(31_399);
    await engine.sweep.round();
    assert.equal((await store.read(id))?.state, "RUNNING");
    await clock.advance(1);
    await engine.sweep.round();
    assert.equal((await store.read(id))?.state, "PENDING");
    await engine.stop();
    await store.close();
  });

  it("returns the slot once if the request id was used before, whatever the request", async () => {
    const { engine, store, slots } = await withOneSlot();
    const start = { method: "pack", requestId: "r" };
    await store.write({ verb: "insert", operation: anOperation({ method: "pack", requestId: "r" }) });
    await engine.operations.start(ANONYMOUS, { ...start, request: {} });
    assert.equal(slots(), 1);
    await assert.rejects(engine.operations.start(ANONYMOUS, { ...start, request: { other: 1 } }), {
      reason: "REQUEST_ID_REUSED",
    });
    assert.equal(slots(), 1);
    await engine.stop();
    await store.close();
  });

  it("returns the slot if the operation cannot be stored", async () => {
    const { engine, store, run, slots } = await withOneSlot();
    store.write = () => Promise.reject(new Error("the store is away"));
    await assert.rejects(engine.operations.start(ANONYMOUS, { method: "pack", request: {} }));
    await settled();
    assert.equal(slots(), 1);
    assert.deepEqual(run, []);
    await engine.stop();
    await store.close();
  });
});
