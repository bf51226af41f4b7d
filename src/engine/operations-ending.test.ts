import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatName } from "../core/name.ts";
import type { Operation } from "../core/operation.ts";
import { STRUCT } from "../core/payload.ts";
import { settled } from "../testing/manual-clock.ts";
import { finish, open, request, UNKNOWN } from "./packing.suite.ts";

describe("Operations.cancel()", () => {
  it("ends a pending operation at once; repeated and late cancels change nothing", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const name = formatName(await operations.start({ method: "pack", request }));
    await operations.cancel(name);
    const cancelled = await operations.get(name);
    assert.equal(cancelled.state, "CANCELLED");
    assert.equal(cancelled.error?.code, "CANCELLED");
    await operations.cancel(name);
    assert.deepEqual(await operations.get(name), cancelled);
  });

  it("does not find unknown names", async () => {
    await using test = await open();
    await assert.rejects(test.engine.operations.cancel(UNKNOWN), { reason: "OPERATION_NOT_FOUND" });
  });
});

describe("Operations.delete()", () => {
  it("removes the record and does not cancel: the result of the running handler is dropped", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const name = formatName(await operations.start({ method: "pack", request }));
    const { operations: claimed } = await test.engine.attempts.claim({
      worker: "w",
      leaseMs: 1_000,
      limit: 1,
      wanted: [{ method: "pack", limit: 1 }],
    });
    await operations.delete(name);
    await assert.rejects(operations.get(name), { code: "NOT_FOUND" });
    await assert.rejects(operations.delete(name), { code: "NOT_FOUND" });
    const [running] = claimed;
    assert.ok(running);
    assert.equal(await test.engine.attempts.complete(running, { type: STRUCT, json: "{}" }), "lost");
  });
});

describe("Operations.wait()", () => {
  it("answers the moment the operation ends", async () => {
    await using test = await open();
    const started = await test.engine.operations.start({ method: "pack", request });
    let answered: Operation | undefined;
    const waiting = test.engine.operations
      .wait(formatName(started))
      .then((operation) => (answered = operation));
    await settled();
    assert.equal(answered, undefined);
    await finish(test, started);
    assert.equal((await waiting).state, "SUCCEEDED");
  });

  it("answers at once when it is done already, and with timeout 0", async () => {
    await using test = await open();
    const started = await test.engine.operations.start({ method: "pack", request });
    assert.equal((await test.engine.operations.wait(formatName(started), { timeoutMs: 0 })).state, "PENDING");
    await finish(test, started);
    assert.equal((await test.engine.operations.wait(formatName(started))).state, "SUCCEEDED");
  });

  it("answers the latest state at the timeout, which is no error", async () => {
    await using test = await open();
    const name = formatName(await test.engine.operations.start({ method: "pack", request }));
    const waiting = test.engine.operations.wait(name, { timeoutMs: 5_000 });
    await test.clock.advance(5_000);
    assert.equal((await waiting).state, "PENDING");
  });

  it("asks the store nothing while it waits, however many wait", async () => {
    await using test = await open();
    const started = await test.engine.operations.start({ method: "pack", request });
    const name = formatName(started);
    const waiting = Array.from({ length: 100 }, () => test.engine.operations.wait(name));
    await settled();
    let reads = 0;
    const read = test.store.read.bind(test.store);
    test.store.read = (ids) => {
      reads++;
      return read(ids);
    };
    await test.clock.advance(20_000);
    assert.equal(reads, 0);
    await finish(test, started);
    assert.ok((await Promise.all(waiting)).every((operation) => operation.state === "SUCCEEDED"));
    assert.equal(reads, 1);
  });

  it("forgets a caller that hangs up, tells of a deletion, and answers everybody when the server stops", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const [a, b, c] = await Promise.all([1, 2, 3].map(() => operations.start({ method: "pack", request })));
    assert.ok(a && b && c);
    const caller = new AbortController();
    const hungUp = operations.wait(formatName(a), { signal: caller.signal });
    const deleted = assert.rejects(operations.wait(formatName(b)), { code: "NOT_FOUND" });
    const stopped = operations.wait(formatName(c));
    await settled();
    caller.abort();
    await operations.delete(formatName(b));
    operations.stop();
    await deleted;
    assert.deepEqual([(await hungUp).state, (await stopped).state], ["PENDING", "PENDING"]);
  });

  it("does not find unknown names", async () => {
    await using test = await open();
    await assert.rejects(test.engine.operations.wait(UNKNOWN), { code: "NOT_FOUND" });
  });
});
