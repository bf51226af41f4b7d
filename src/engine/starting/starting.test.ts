import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { z } from "zod";
import { ANONYMOUS, type Caller } from "../../core/caller.ts";
import { defineMethod } from "../../core/method/method.ts";
import { silence } from "../../core/events.ts";
import { formatName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { Validations } from "../../core/method/validation.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { openTestEngine, type TestEngine } from "../../testing/test-engine.ts";
import { Beginnings } from "../waiting/beginnings.ts";
import { open, pack, request } from "../packing.suite.ts";
import { Records } from "../records.ts";
import { TimelyAnswers } from "../timely-answers.ts";
import { Starting } from "./starting.ts";

const disk = z.object({ disk: z.string() });
const methods = [
  defineMethod({ name: "scan", request: disk, parallel: { key: (of) => of.disk, when: "queue" }, run() {} }),
  defineMethod({ name: "wipe", request: disk, parallel: { limit: 2, when: "reject" }, run() {} }),
];

describe("a delay and a priority", () => {
  it("are stored, and the deadline counts from when the operation becomes available", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const start = { method: "pack", request, delayMs: 5_000, priority: 7 };
    const started = await operations.start(ANONYMOUS, start);
    const now = test.clock.now();
    assert.deepEqual([started.availableTime, started.priority], [now + 5_000, 7]);
    assert.equal(started.deadlineTime, now + 5_000 + 3_600_000);
    assert.deepEqual(await operations.get(ANONYMOUS, formatName(started)), started);
  });

  it("that are invalid start nothing", async () => {
    await using test = await open();
    const { operations } = test.engine;
    await assert.rejects(operations.start(ANONYMOUS, { method: "pack", request, delayMs: -1 }), {
      reason: "DELAY_INVALID",
    });
    const validateOnly = true;
    await assert.rejects(
      operations.start(ANONYMOUS, { method: "pack", request, priority: 10, validateOnly }),
      {
        reason: "PRIORITY_INVALID",
      },
    );
    assert.deepEqual((await operations.list(ANONYMOUS, { parent: "" })).operations, []);
  });

  it("can be validated only", async () => {
    await using test = await open();
    const start = { method: "pack", request, delayMs: 5_000, priority: 7, validateOnly: true };
    const answer = await test.engine.operations.start(ANONYMOUS, start);
    assert.deepEqual([answer.id, answer.state], ["", "SUCCEEDED"]);
  });
});

const keptOf = async (caller: Partial<Caller>): Promise<string | null | undefined> => {
  await using test = await open();
  const started = await test.engine.operations.start(
    { ...ANONYMOUS, ...caller },
    { method: "pack", request },
  );
  return (await test.store.read(started.id))?.traceContext;
};

describe("the trace of a start", () => {
  const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  it("is stored as the caller sent it if tracing is off here, and invalid traces are dropped", async () => {
    assert.equal(await keptOf({ traceparent }), traceparent);
    assert.equal(await keptOf({ traceparent: `${traceparent}<script>` }), null);
    assert.equal(await keptOf({}), null);
  });
});

describe("a limit on parallel operations", () => {
  it("blocks an operation that may wait, and unblocks it when a place is free", async () => {
    await using test = await openTestEngine(methods);
    const { operations } = test.engine;
    const start = (name: string) => operations.start(ANONYMOUS, { method: "scan", request: { disk: name } });
    const [first, second, other] = [await start("a"), await start("a"), await start("b")];
    assert.deepEqual([first.blocked, second.blocked, other.blocked], [false, true, false]);
    const stored = (operation: Operation) => operations.get(ANONYMOUS, formatName(operation));
    assert.deepEqual(await stored(second), second);
    await operations.cancel(ANONYMOUS, formatName(first));
    assert.equal((await stored(second)).blocked, false);
  });

  it("refuses one that may not wait, with method, key and limit", async () => {
    await using test = await openTestEngine(methods);
    const { operations } = test.engine;
    const start = (requestId?: string) =>
      operations.start(ANONYMOUS, { method: "wipe", request: { disk: "a" }, requestId });
    const first = await start("r");
    await start();
    await assert.rejects(start(), {
      code: "ABORTED",
      reason: "PARALLEL_LIMIT_REACHED",
      metadata: { method: "wipe", key: "", limit: "2" },
    });
    assert.equal((await start("r")).id, first.id);
    await operations.delete(ANONYMOUS, formatName(first));
    await start();
    assert.equal((await operations.list(ANONYMOUS, { parent: "" })).operations.length, 2);
  });

  it("reports a request id that was used with another request, even if all places are taken", async () => {
    await using test = await openTestEngine(methods);
    const { operations } = test.engine;
    const start = (name: string) =>
      operations.start(ANONYMOUS, { method: "scan", request: { disk: name }, requestId: "r" });
    await start("a");
    await assert.rejects(start("b"), { reason: "REQUEST_ID_REUSED" });
  });
});

describe("a remembered beginning", () => {
  it("is the operation that the store has stored, with a limit and without", async () => {
    await using test = await openTestEngine([]);
    const { beginnings, starting } = remembering(test);
    const started = await starting.start(ANONYMOUS, { method: "pack", parent: "projects/p", request }, {});
    assert.equal(beginnings.goesOn(started.id, "projects/p"), true);
    const limited = await starting.start(ANONYMOUS, { method: "wipe", request: { disk: "a" } }, {});
    assert.equal(beginnings.goesOn(limited.id, ""), true);
    assert.equal(beginnings.count, 2);
  });

  it("is remembered before the store is asked", async () => {
    await using test = await openTestEngine([]);
    const { beginnings, starting } = remembering(test);
    const counts: number[] = [];
    const write = test.store.write.bind(test.store);
    test.store.write = (command) => {
      counts.push(beginnings.count);
      return write(command);
    };
    await starting.start(ANONYMOUS, { method: "pack", request }, {});
    assert.deepEqual(counts, [1]);
  });

  it("does not exist for starts that are only validated, repeated, refused, lost, or part of a caller's transaction", async () => {
    await using test = await openTestEngine([]);
    const { beginnings, starting } = remembering(test);
    await test.store.write({
      verb: "insert",
      operation: anOperation({ method: "pack", requestId: "r", request: '{"directory":"d"}' }),
    });
    await starting.start(ANONYMOUS, { method: "pack", request, validateOnly: true }, {});
    await starting.start(ANONYMOUS, { method: "pack", request, requestId: "r" }, {});
    const reused = starting.start(
      ANONYMOUS,
      { method: "pack", request: { directory: "e" }, requestId: "r" },
      {},
    );
    await assert.rejects(reused, { reason: "REQUEST_ID_REUSED" });
    const transaction = { unsafe: () => Promise.resolve([]) };
    test.store.insertWithin = () => Promise.resolve({ inserted: true, blocked: false });
    await starting.start(ANONYMOUS, { method: "pack", request, transaction }, {});
    test.store.write = () => Promise.resolve({ inserted: false, occupied: true } as never);
    await assert.rejects(starting.start(ANONYMOUS, { method: "wipe", request: { disk: "a" } }, {}), {
      reason: "PARALLEL_LIMIT_REACHED",
    });
    test.store.write = () => Promise.reject(new Error("the store is away"));
    await assert.rejects(starting.start(ANONYMOUS, { method: "pack", request }, {}));
    assert.equal(beginnings.count, 0);
  });
});

/** Starts operations, and shows which beginnings it remembers. */
function remembering({ store, clock }: TestEngine) {
  const beginnings = new Beginnings({ store });
  const starting = new Starting({
    methods: new Map([pack, ...methods].map((method) => [method.name, method])),
    records: new Records(store, silence),
    beginnings,
    clock,
    random: seededRandom(1),
    validations: new Validations(clock),
    timely: new TimelyAnswers(clock),
    stopping: () => false,
  });
  return { beginnings, starting };
}
