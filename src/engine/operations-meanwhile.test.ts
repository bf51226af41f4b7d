import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import type { Reservation } from "../core/ports/worker-port.ts";
import { silence, type Tell } from "../core/events.ts";
import type { Store } from "../core/ports/store.ts";
import { defineMethod } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import { STRUCT } from "../core/operation/payload.ts";
import { HeldCalls, passing } from "../testing/held-calls.suite.ts";
import { settled } from "../testing/manual-clock.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { callsOf } from "./calls.suite.ts";
import { pack, request } from "./packing.suite.ts";

/** Events during a store call of a use case, a worker's write or the sweep. */

async function openHeld(
  methods = [pack],
  claimant?: { readonly reserve: (method: string) => Reservation | undefined },
) {
  const held = new HeldCalls();
  const around = (store: Store): Store => passing(store, ["write", "read", "due"], held.pass);
  const expired: string[] = [];
  const tell: Tell = { ...silence, "leases.expired": ({ operations }) => void expired.push(...operations) };
  const opened = await openTestEngine(methods, { around, tell, claimant: () => claimant });
  const start = () => callsOf(opened.engine).start({ method: "pack", request });
  const claim = async () => {
    const wanted = [{ method: "pack", limit: 1 }];
    const { operations } = await opened.engine.attempts.claim({
      worker: "w",
      leaseMs: 30_000,
      limit: 1,
      wanted,
    });
    return operations[0] ?? assert.fail("nothing was claimed");
  };
  return { ...opened, held, start, claim, expired };
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let is = false;
  void promise.finally(() => (is = true)).catch(() => {});
  await settled();
  return is;
}

const metadata = (percent: number) => ({ type: STRUCT, json: JSON.stringify({ percent }) });

suite("A cancellation", () => {
  test("of an operation that is removed between its reads is NOT_FOUND", async () => {
    await using opened = await openHeld();
    const name = formatName(await opened.start());
    opened.held.hold("read", "call").go();
    const second = opened.held.hold("read", "call");
    const cancelled = assert.rejects(callsOf(opened.engine).cancel(name), { reason: "OPERATION_NOT_FOUND" });
    await second.reached;
    await callsOf(opened.engine).delete(name);
    second.go();
    await cancelled;
  });

  test("between a claim's decision and the end of the attempt counts in the outcome", async () => {
    await using opened = await openHeld();
    const operation = await opened.start();
    const claimed = await opened.claim();
    const replace = opened.held.hold("replace", "call");
    const failing = opened.engine.attempts.fail(claimed, {
      error: { code: "INTERNAL", message: "boom", details: [] },
      exception: "boom",
      retryTime: 1,
    });
    await replace.reached;
    await callsOf(opened.engine).cancel(formatName(operation));
    replace.go();
    assert.notEqual(await failing, "lost");
    assert.equal((await callsOf(opened.engine).get(formatName(operation))).state, "CANCELLED");
  });

  test("whose answer is lost happens once: a second one changes nothing", async () => {
    await using opened = await openHeld();
    const name = formatName(await opened.start());
    await opened.claim();
    const replace = opened.held.hold("replace", "answer");
    const lost = assert.rejects(callsOf(opened.engine).cancel(name), /cut off/);
    await replace.reached;
    replace.lose(new Error("cut off"));
    await lost;
    const { revision, cancelTime } = await callsOf(opened.engine).get(name);
    await opened.clock.advance(1_000);
    await callsOf(opened.engine).cancel(name);
    const after = await callsOf(opened.engine).get(name);
    assert.deepEqual([after.revision, after.cancelTime], [revision, cancelTime]);
  });
});

suite("The end of an attempt", () => {
  test("keeps a report even if its holder never got the answer", async () => {
    await using opened = await openHeld();
    const operation = await opened.start();
    const claimed = await opened.claim();
    await opened.engine.attempts.report({ id: claimed.id, attempt: 1 }, 30_000, metadata(50));
    await opened.engine.attempts.complete(claimed, { type: STRUCT, json: '{"path":"p"}' });
    const ended = await callsOf(opened.engine).get(formatName(operation));
    assert.deepEqual([ended.state, ended.metadata], ["SUCCEEDED", metadata(50)]);
  });

  test("is one write, even if its lease was renewed without its holder's knowledge", async () => {
    await using opened = await openHeld();
    await opened.start();
    const claimed = await opened.claim();
    await opened.clock.advance(10_000);
    await opened.store.write({ verb: "renew", id: claimed.id, attempt: 1, leaseMs: 30_000, metadata: null });
    opened.held.hold("replace", "call").go();
    opened.held.hold("replace", "call").lose(new Error("a second write"));
    const answer = await opened.engine.attempts.complete(claimed, { type: STRUCT, json: '{"path":"p"}' });
    assert.notEqual(answer, "lost");
  });

  test("that is overtaken by a removal is lost", async () => {
    await using opened = await openHeld();
    const operation = await opened.start();
    const claimed = await opened.claim();
    const replace = opened.held.hold("replace", "call");
    const completing = opened.engine.attempts.complete(claimed, { type: STRUCT, json: '{"path":"p"}' });
    await replace.reached;
    await callsOf(opened.engine).delete(formatName(operation));
    replace.go();
    assert.equal(await completing, "lost");
  });
});

suite("A start", () => {
  test("whose request is still being checked when the engine stops is refused, and nothing is stored", async () => {
    const checked = Promise.withResolvers<boolean>();
    const slow = defineMethod({
      name: "pack",
      request: z.object({ directory: z.string() }).refine(() => checked.promise),
      run: () => {},
    });
    await using opened = await openHeld([slow as never]);
    const refused = assert.rejects(opened.start(), { code: "UNAVAILABLE", reason: "SHUTTING_DOWN" });
    await settled();
    opened.engine.operations.stop();
    checked.resolve(true);
    await refused;
    assert.deepEqual((await callsOf(opened.engine).list({ parent: "" })).operations, []);
  });

  test("in progress when the server stops is stored and answered", async () => {
    await using opened = await openHeld();
    const insert = opened.held.hold("insert", "call");
    const starting = opened.start();
    await insert.reached;
    const stopping = opened.engine.stop();
    insert.go();
    const { id } = await starting;
    await stopping;
    assert.equal((await opened.store.read(id))?.state, "PENDING");
  });

  test("requests a slot unless it is delayed or others come before it, and trusts its lease from before the write", async () => {
    const reserved: string[] = [];
    const run: (readonly [id: string, calledAt: number])[] = [];
    const reservation: Reservation = {
      worker: "w",
      leaseMs: 30_000,
      run: ({ id }, calledAt) => void run.push([id, calledAt]),
      cancel: () => assert.fail("the slot is used"),
    };
    const reserve = (method: string) => (reserved.push(method), reservation);
    await using opened = await openHeld([pack], { reserve });
    const operations = callsOf(opened.engine);
    assert.equal((await operations.start({ method: "pack", request, delayMs: 1 })).state, "PENDING");
    const behind = await operations.start({ method: "pack", request }, { handOver: false });
    assert.deepEqual([behind.state, reserved], ["PENDING", []]);
    const insert = opened.held.hold("insert", "answer");
    const starting = opened.start();
    await insert.reached;
    await opened.clock.advance(5_000);
    insert.go();
    const { id, state } = await starting;
    await settled();
    assert.deepEqual([state, reserved, run], ["RUNNING", ["pack"], [[id, 0]]]);
  });
});

suite("A stop of the engine", () => {
  test("answers all waiters, refuses starts, and waits for the sweep's current round", async () => {
    await using opened = await openHeld();
    const { engine, clock, held, start } = opened;
    const waiting = callsOf(engine).wait(formatName(await start()));
    const due = held.hold("due", "answer");
    engine.start();
    await clock.advance(0);
    await due.reached;
    const stopped = engine.stop();
    assert.equal((await waiting).state, "PENDING");
    await assert.rejects(start(), { reason: "SHUTTING_DOWN" });
    assert.equal(engine.operations.tellsEveryChange, false);
    assert.equal(await isSettled(stopped), false);
    due.go();
    await stopped;
    assert.equal(clock.pending, 0);
  });
});

suite("A round of the sweep", () => {
  test("does not end operations that ended since it read them", async () => {
    await using opened = await openHeld();
    const operation = await opened.start();
    const claimed = await opened.claim();
    await opened.clock.advance(30_000);
    const read = opened.held.hold("read", "answer");
    const round = opened.engine.sweep.round();
    await read.reached;
    await opened.engine.attempts.complete(claimed, { type: STRUCT, json: '{"path":"p"}' });
    read.go();
    await round;
    const { state, failedAttempts } = await callsOf(opened.engine).get(formatName(operation));
    assert.deepEqual([state, failedAttempts, opened.expired], ["SUCCEEDED", 0, []]);
  });
});
