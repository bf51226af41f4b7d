import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { z } from "zod";
import { defineMethod, openOperations, StatusError } from "../index.ts";

const double = defineMethod({
  name: "double",
  request: z.object({ number: z.number() }),
  response: z.object({ number: z.number() }),
  metadata: z.object({ progressPercent: z.number() }),
  run({ number }, { report }) {
    if (number < 0) throw new StatusError("OUT_OF_RANGE", "Too small.", { reason: "TOO_SMALL" });
    report({ progressPercent: 100 });
    return { number: number * 2 };
  },
});

const memory = { methods: [double], store: "sqlite::memory:" };

describe("openOperations()", () => {
  it("starts, runs, waits for and reads operations in process, typed", async () => {
    const operations = await openOperations(memory);
    const started = await operations.start(double, { number: 21 }, { parent: "projects/p", requestId: "r" });
    const done = await operations.wait(started.name, { method: double });
    assert.equal(done.response?.number satisfies number | undefined, 42);
    assert.equal(done.metadata?.progressPercent, 100);
    assert.equal(done.state, "SUCCEEDED");
    assert.equal((await operations.list({ parent: "projects/p" })).operations[0]?.name, started.name);
    await operations.cancel(started.name);
    await operations.delete(started.name);
    await assert.rejects(operations.get(started.name), { reason: "OPERATION_NOT_FOUND" });
    await operations.stop();
  });

  it("starts many at once, each with its own result", async () => {
    const operations = await openOperations(memory);
    const [first, second, third] = await operations.startMany([
      { method: double, request: { number: 1 }, parent: "projects/p" },
      { method: double, request: { number: "two" as never } },
      { method: double, request: { number: 3 }, delay: "1h", priority: 9 },
    ]);
    assert.match(first?.operation?.name ?? "", /^projects\/p\/operations\//);
    assert.equal(second?.error?.reason, "REQUEST_INVALID");
    assert.equal(third?.operation?.state, "PENDING");
    await assert.rejects(operations.startMany([]), { reason: "REQUEST_INVALID" });
    await operations.stop();
  });

  it("returns the error that a handler threw on purpose, with an ErrorInfo of the service's name", async () => {
    const operations = await openOperations({ ...memory, name: "numbers.example.com" });
    const { name } = await operations.start(double, { number: -1 });
    const failed = await operations.wait(name);
    assert.equal(failed.state, "FAILED");
    assert.equal(failed.error?.code, "OUT_OF_RANGE");
    assert.equal(failed.error?.details[0]?.["reason"], "TOO_SMALL");
    assert.equal(failed.error?.details[0]?.["domain"], "numbers.example.com");
    const front = await openOperations({ ...memory, worker: false, name: "numbers.example.com" });
    const cancelled = await front.start(double, { number: 1 });
    await front.cancel(cancelled.name);
    assert.equal((await front.get(cancelled.name)).error?.details[0]?.["domain"], "numbers.example.com");
    await front.stop();
    await operations.stop();
  });

  it("leaves the work to other processes if it has no worker", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-open-"));
    const store = `sqlite:${join(folder, "operations.db")}`;
    const front = await openOperations({ ...memory, store, worker: false });
    const { name } = await front.start(double, { number: 4 });
    assert.equal((await front.wait(name, { timeout: "0s" })).state, "PENDING");
    await front.stop();
    const back = await openOperations({ ...memory, store });
    assert.equal((await back.wait(name, { method: double })).response?.number, 8);
    await back.stop();
    rmSync(folder, { recursive: true });
  });

  it("stops when its handlers have ended, and stores their results", async () => {
    const folder = mkdtempSync(join(tmpdir(), "longrunning-open-"));
    const store = `sqlite:${join(folder, "operations.db")}`;
    const [begun, released] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const run = async (): Promise<void> => (begun.resolve(), await released.promise);
    const slow = defineMethod({ name: "slow", request: z.object({}), run });
    const operations = await openOperations({ methods: [slow], store, drain: "1h" });
    const { name } = await operations.start(slow, {});
    await begun.promise;
    const stopped = operations.stop();
    released.resolve();
    await stopped;
    const later = await openOperations({ methods: [slow], store });
    assert.equal((await later.get(name)).state, "SUCCEEDED");
    await later.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is less patient when it is asked to stop again", async () => {
    const begun = Promise.withResolvers<void>();
    const hold = defineMethod({
      name: "hold",
      request: z.object({}),
      run: (_, { signal }) =>
        new Promise<void>((_resolve, reject) => {
          begun.resolve();
          signal.addEventListener("abort", () => reject(signal.reason as Error));
        }),
    });
    const operations = await openOperations({ ...memory, methods: [hold], drain: "1h" });
    await operations.start(hold, {});
    await begun.promise;
    const first = operations.stop();
    await operations.stop({ drain: "0s" });
    await first;
  });

  it("refuses two methods with the same name, and nonsensical options", async () => {
    await assert.rejects(
      openOperations({ ...memory, methods: [double, double] }),
      /Method "double" is declared twice/,
    );
    const another = defineMethod({ name: "double", request: z.object({}), run() {} });
    await assert.rejects(
      openOperations({ ...memory, methods: [double, another] }),
      /Method "double" is declared twice/,
    );
    await assert.rejects(openOperations({ ...memory, store: "mongodb://x" }), /sqlite:/);
    await assert.rejects(openOperations({ ...memory, lease: "soon" as never }), /lease: expected a duration/);
  });

  it("adds its services to the user's gRPC server", async () => {
    const operations = await openOperations(memory);
    const added: string[] = [];
    operations.addTo({ addService: (definition) => void added.push(...Object.keys(definition)) });
    assert.ok(added.includes("WaitOperation"));
    assert.ok(added.includes("StartOperation"));
    await operations.stop();
  });

  it("stops once, however often it is asked to", async () => {
    const operations = await openOperations(memory);
    await Promise.all([operations.stop(), operations.stop()]);
    await assert.rejects(operations.start(double, { number: 1 }), { reason: "SHUTTING_DOWN" });
  });
});
