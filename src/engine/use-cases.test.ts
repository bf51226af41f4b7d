import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { formatName } from "../core/operation/name.ts";
import { STRUCT } from "../core/operation/payload.ts";
import { finish, open, request, UNKNOWN } from "./packing.suite.ts";

describe("Operations.start()", () => {
  it("stores a pending operation with all settings of its method", async () => {
    await using test = await open();
    const started = await test.engine.operations.start(ANONYMOUS, {
      method: "pack",
      parent: "projects/p",
      request,
    });
    const now = test.clock.now();
    assert.equal(started.state, "PENDING");
    assert.equal(started.target, "directories/d");
    assert.equal(started.deadlineTime, now + 3_600_000);
    assert.equal(started.timeToLiveMs, 86_400_000);
    assert.equal(started.attemptsMax, 3);
    assert.deepEqual(await test.engine.operations.get(ANONYMOUS, formatName(started)), started);
  });

  it("returns the same operation for the same request id, even if it is done, and even if both starts arrive at once", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const start = { method: "pack", parent: "projects/p", request, requestId: "r" };
    const [first, second] = await Promise.all([
      operations.start(ANONYMOUS, start),
      operations.start(ANONYMOUS, start),
    ]);
    assert.equal(first.id, second.id);
    await finish(test, first);
    assert.equal(
      (await operations.start(ANONYMOUS, { ...start, request: { ...request } })).state,
      "SUCCEEDED",
    );
  });

  it("scopes request ids to the parent and the method", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const started = await Promise.all([
      operations.start(ANONYMOUS, { method: "pack", parent: "projects/p", request, requestId: "r" }),
      operations.start(ANONYMOUS, { method: "pack", parent: "projects/q", request, requestId: "r" }),
      operations.start(ANONYMOUS, { method: "clean", parent: "projects/p", request, requestId: "r" }),
    ]);
    assert.equal(new Set(started.map((operation) => operation.id)).size, 3);
  });

  it("forgets a request id with its operation", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const first = await operations.start(ANONYMOUS, { method: "pack", request, requestId: "r" });
    await operations.delete(ANONYMOUS, formatName(first));
    assert.notEqual(
      (await operations.start(ANONYMOUS, { method: "pack", request, requestId: "r" })).id,
      first.id,
    );
  });

  it("refuses a request id that was used with another request", async () => {
    await using test = await open();
    const { operations } = test.engine;
    await operations.start(ANONYMOUS, { method: "pack", request: { directory: "a", requestId: "r" } });
    const again = operations.start(ANONYMOUS, {
      method: "pack",
      request: { directory: "b", requestId: "r" },
    });
    await assert.rejects(again, { code: "INVALID_ARGUMENT", reason: "REQUEST_ID_REUSED" });
  });

  it("only validates: returns a finished answer without a name, and stores nothing", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (const start of [{ request, validateOnly: true }, { request: { ...request, validateOnly: true } }]) {
      const answer = await operations.start(ANONYMOUS, { method: "pack", ...start });
      assert.equal(answer.id, "");
      assert.equal(answer.state, "SUCCEEDED");
    }
    await assert.rejects(operations.start(ANONYMOUS, { method: "pack", request: {}, validateOnly: true }), {
      reason: "REQUEST_INVALID",
    });
    assert.deepEqual((await operations.list(ANONYMOUS, { parent: "" })).operations, []);
  });

  it("refuses unknown methods, bad requests, bad parents and bad times to live", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const refusals = [
      [{ method: "missing", request }, "METHOD_NOT_FOUND"],
      [{ method: "pack", request: { directory: 7 } }, "REQUEST_INVALID"],
      [{ method: "pack", request, parent: "/projects" }, "NAME_INVALID"],
      [{ method: "pack", request, timeToLiveMs: 1 }, "TIME_TO_LIVE_INVALID"],
    ] as const;
    for (const [start, reason] of refusals)
      await assert.rejects(operations.start(ANONYMOUS, start), { reason });
  });

  it("refuses to start while the server stops", async () => {
    await using test = await open();
    test.engine.operations.stop();
    await assert.rejects(test.engine.operations.start(ANONYMOUS, { method: "pack", request }), {
      code: "UNAVAILABLE",
      reason: "SHUTTING_DOWN",
    });
  });
});

describe("Operations.get()", () => {
  it("does not find unknown names, names under another parent, and invalid names", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const { id } = await operations.start(ANONYMOUS, { method: "pack", parent: "projects/p", request });
    for (const name of [
      UNKNOWN,
      `projects/q/operations/${id}`,
      `operations/${id}`,
      "operations/x",
      "nonsense",
      "",
    ]) {
      await assert.rejects(
        operations.get(ANONYMOUS, name),
        { code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND" },
        name,
      );
    }
    assert.equal((await operations.get(ANONYMOUS, `operations/projects/p/operations/${id}`)).id, id);
  });
});

describe("Operations.list()", () => {
  it("pages through one parent, newest first, whatever the page sizes", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const ids: string[] = [];
    for (let index = 0; index < 7; index++) {
      ids.unshift((await operations.start(ANONYMOUS, { method: "pack", parent: "projects/p", request })).id);
      await operations.start(ANONYMOUS, { method: "pack", parent: "projects/other", request });
    }
    const seen: string[] = [];
    let pageToken = "";
    for (const pageSize of [2, 3, 1, 50]) {
      const page = await operations.list(ANONYMOUS, { parent: "projects/p/operations", pageSize, pageToken });
      seen.push(...page.operations.map((operation) => operation.id));
      pageToken = page.nextPageToken;
    }
    assert.deepEqual(seen, ids);
    assert.equal(pageToken, "");
  });

  it("continues from its place if the page's last operation was deleted meanwhile", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (let index = 0; index < 3; index++) await operations.start(ANONYMOUS, { method: "pack", request });
    const first = await operations.list(ANONYMOUS, { parent: "", pageSize: 1 });
    for (const operation of first.operations) await operations.delete(ANONYMOUS, formatName(operation));
    const rest = await operations.list(ANONYMOUS, { parent: "operations", pageToken: first.nextPageToken });
    assert.equal(rest.operations.length, 2);
  });

  it("refuses the tokens of other lists and negative sizes", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (let index = 0; index < 2; index++) await operations.start(ANONYMOUS, { method: "pack", request });
    const { nextPageToken } = await operations.list(ANONYMOUS, { parent: "", pageSize: 1 });
    const refusals = [
      [{ parent: "projects/p", pageToken: nextPageToken }, "PAGE_TOKEN_INVALID"],
      [{ parent: "", pageToken: "nonsense" }, "PAGE_TOKEN_INVALID"],
      [{ parent: "", pageSize: -1 }, "PAGE_SIZE_INVALID"],
    ] as const;
    for (const [list, reason] of refusals) await assert.rejects(operations.list(ANONYMOUS, list), { reason });
  });

  it("keeps a page below the size that gRPC peers accept", async () => {
    await using test = await open();
    const { operations } = test.engine;
    for (let index = 0; index < 5; index++) {
      const started = await operations.start(ANONYMOUS, { method: "clean", request });
      const [claimed] = (
        await test.engine.attempts.claim({
          worker: "w",
          leaseMs: 1_000,
          limit: 1,
          wanted: [{ method: "clean", limit: 1 }],
        })
      ).operations;
      assert.equal(claimed?.id, started.id);
      if (claimed)
        await test.engine.attempts.complete(claimed, {
          type: STRUCT,
          json: `{"a":"${"x".repeat(1_000_000)}"}`,
        });
    }
    const page = await operations.list(ANONYMOUS, { parent: "" });
    assert.equal(page.operations.length, 3);
    assert.equal(
      (await operations.list(ANONYMOUS, { parent: "", pageToken: page.nextPageToken })).operations.length,
      2,
    );
  });
});
