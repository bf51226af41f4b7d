import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { silence } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { StatusError } from "../core/error/error.ts";
import type { Method } from "../core/method/method.ts";
import { idExpireTime, shardOf, shardOfRequest } from "../core/operation/id.ts";
import { formatName } from "../core/operation/name.ts";
import { STRUCT } from "../core/operation/payload.ts";
import type { InsertCommand } from "../core/ports/store.ts";
import { anOperation } from "../testing/an-operation.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { callsOf } from "./calls.suite.ts";
import { clean, finish, open, pack, request } from "./packing.suite.ts";
import { Records } from "./records.ts";
import { startMany } from "./starting/start-many.ts";

/** Inputs at their limits, and combinations of inputs that other tests use one at a time. */

const payload = (length: number) => ({ type: STRUCT, json: "x".repeat(length) });
const startUnlessBug = (_: unknown, { requestId }: { readonly requestId?: string | undefined }) =>
  requestId === "bug" ? Promise.reject(new TypeError("a bug")) : Promise.resolve(anOperation());

suite("Many starts", () => {
  for (const [count, turns] of [
    [100, 0],
    [101, 2],
  ] as const) {
    test(`of ${count} requests let others have ${turns} turns`, async () => {
      await using opened = await open();
      const starts = Array.from({ length: count }, () => ({ method: "clean", request }));
      let taken = 0;
      const results = await callsOf(opened.engine).startMany(starts, async () => void taken++);
      assert.deepEqual(
        [taken, results.filter(({ operation }) => operation !== undefined).length],
        [turns, count],
      );
    });
  }

  test("that are repeated and include one without a request id start only that one again", async () => {
    await using opened = await open();
    const starts = [
      { method: "clean", request, requestId: "a" },
      { method: "clean", request },
      { method: "clean", request, requestId: "b", parent: "projects/p" },
      { method: "clean", request, requestId: "b" },
    ];
    const idsOf = async () =>
      (await callsOf(opened.engine).startMany(starts)).map(({ operation }) => operation?.id);
    const [first, again] = [await idsOf(), await idsOf()];
    assert.equal(new Set(first).size, 4);
    assert.deepEqual(
      first.map((id, index) => id === again[index]),
      [true, false, true, true],
    );
  });

  test("are answered even if a bug occurs in one of them", async () => {
    const starts = ["a", "bug", "b"].map((requestId) => ({ method: "m", request, requestId }));
    const results = await startMany({ start: startUnlessBug }, ANONYMOUS, starts);
    assert.deepEqual(
      results.map(({ error }) => error instanceof TypeError),
      [false, true, false],
    );
  });

  test("count the metadata of the answers, up to exactly the limit", async () => {
    const half = LIMITS.pageBytesMax / 2;
    for (const [length, error] of [
      [half, undefined],
      [half + 1, "BATCH_TOO_LARGE"],
    ] as const) {
      const start = () =>
        Promise.resolve(anOperation({ metadata: payload(length), response: payload(half) }));
      const [result] = await startMany({ start }, ANONYMOUS, [{ method: "m", request }]);
      assert.equal(result?.error instanceof StatusError ? result.error.reason : undefined, error);
    }
  });

  test("keep the cause of each refusal for the log, even if details are left out", async () => {
    const cause = new Error("the cause");
    const details = [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "R", domain: "d" }];
    const start = () => Promise.reject(new StatusError("INTERNAL", "no", { reason: "R", details, cause }));
    const starts = Array.from({ length: LIMITS.violationsMax + 1 }, () => ({ method: "m", request }));
    const errors = (await startMany({ start }, ANONYMOUS, starts)).map(({ error }) => error as StatusError);
    assert.deepEqual([errors.at(-1)?.details, errors.at(-1)?.cause], [[], cause]);
  });
});

suite("A start", () => {
  test("with a request id goes into the bucket that its repetitions read", async () => {
    await using opened = await open();
    const { id } = await callsOf(opened.engine).start({
      method: "pack",
      parent: "projects/p",
      request,
      requestId: "r",
    });
    assert.equal(shardOf(id), shardOfRequest("projects/p", "pack", "r"));
    assert.ok(Number.isFinite(idExpireTime(id)));
  });

  test("refuses a parent from its method that no name can have", async () => {
    const odd = { ...pack, parent: () => "projects/-" } as Method;
    await using opened = await openTestEngine([odd]);
    await assert.rejects(callsOf(opened.engine).start({ method: "pack", request }), {
      reason: "NAME_INVALID",
    });
  });

  test("in a caller's transaction has the limit of its method", async () => {
    const limited = { ...clean, parallel: { limit: 2, when: "reject", key: () => "k" } } as Method;
    await using opened = await openTestEngine([limited]);
    const commands: InsertCommand[] = [];
    opened.store.insertWithin = async (_, command) => {
      commands.push(command);
      return { inserted: true, blocked: false };
    };
    const transaction = { unsafe: () => Promise.resolve([]) };
    await callsOf(opened.engine).start({ method: "clean", request, transaction });
    assert.deepEqual(commands[0]?.parallel, { limit: 2, when: "reject" });
  });

  test("accepts delay, priority, time to live and request id at exactly their limits, together", async () => {
    await using opened = await open();
    const start = {
      method: "pack",
      request,
      delayMs: LIMITS.delayMsMax,
      priority: LIMITS.priorityMax,
      timeToLiveMs: pack.timeToLive.maxMs,
      requestId: "r".repeat(LIMITS.requestIdLengthMax),
    };
    const started = await callsOf(opened.engine).start(start);
    assert.equal(started.availableTime, opened.clock.now() + LIMITS.delayMsMax);
    assert.equal((await callsOf(opened.engine).start(start)).id, started.id);
    for (const beyond of [
      { delayMs: LIMITS.delayMsMax + 1 },
      { priority: LIMITS.priorityMax + 1 },
      { timeToLiveMs: pack.timeToLive.maxMs + 1 },
      { timeToLiveMs: pack.timeToLive.minMs - 1 },
      { requestId: "r".repeat(LIMITS.requestIdLengthMax + 1) },
    ]) {
      await assert.rejects(callsOf(opened.engine).start({ ...start, ...beyond }), {
        code: "INVALID_ARGUMENT",
      });
    }
    await callsOf(opened.engine).start({
      ...start,
      requestId: undefined,
      timeToLiveMs: pack.timeToLive.minMs,
    });
  });
});

suite("A page token", () => {
  const lists = {
    "the same": {},
    "another filter": { filter: "done=true" },
    "no filter": { filter: "" },
    "another order": { orderBy: "endTime desc" },
    "another direction": { orderBy: "createTime" },
    "another parent": { parent: "projects/q" },
    "every parent": { parent: "-" },
  };
  for (const [what, change] of Object.entries(lists)) {
    test(`continues with ${what} list${what === "the same" ? "" : ": not"}`, async () => {
      await using opened = await open();
      const operations = callsOf(opened.engine);
      for (let each = 0; each < 2; each++)
        await operations.start({ method: "pack", parent: "projects/p", request });
      const list = { parent: "projects/p", filter: "done=false", orderBy: "createTime desc" };
      const { nextPageToken: pageToken } = await operations.list({ ...list, pageSize: 1 });
      assert.notEqual(pageToken, "");
      const next = operations.list({ ...list, ...change, pageSize: 2, pageToken });
      if (what === "the same") assert.equal((await next).operations.length, 1);
      else await assert.rejects(next, { reason: "PAGE_TOKEN_INVALID" });
    });
  }
});

suite("A filter", () => {
  test("uses the verb that callers see, if a method has a verb besides its name", async () => {
    await using opened = await openTestEngine([{ ...pack, verb: "bundle" }, clean]);
    const operations = callsOf(opened.engine);
    const packed = await operations.start({ method: "pack", request });
    await operations.start({ method: "clean", request });
    const found = await operations.list({ parent: "", filter: "metadata.verb = bundle" });
    assert.deepEqual(
      found.operations.map(({ id }) => id),
      [packed.id],
    );
  });
});

suite("A decision", () => {
  test("on a record that is out of date is made again on the current one", async () => {
    await using opened = await open();
    const started = await callsOf(opened.engine).start({ method: "pack", request });
    const records = new Records(opened.store, silence);
    const known = { ...started, revision: 99, state: "CANCELLED" as const };
    const changed = await records.change(
      started.id,
      (operation) =>
        operation.state === "PENDING"
          ? { next: { ...operation, priority: 3, revision: operation.revision + 1 } }
          : { refused: "done" },
      { known },
    );
    assert.equal(changed.operation?.priority, 3);
  });

  test("about an operation that ended is seen by a poll at exactly that moment", async () => {
    await using opened = await open();
    const operations = callsOf(opened.engine);
    const started = await operations.start({ method: "pack", request });
    const polled: Promise<string>[] = [];
    opened.store.watch((changes) => {
      for (const { state } of changes) {
        if (state === "SUCCEEDED")
          polled.push(operations.get(formatName(started)).then((each) => each.state));
      }
    });
    await finish(opened, started);
    assert.deepEqual(await Promise.all(polled), ["SUCCEEDED"]);
  });
});
