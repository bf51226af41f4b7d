import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { StatusError } from "../core/error/error.ts";
import type { WaitingConnection } from "../core/ports/abort.ts";
import type { Operations } from "../engine/operations.ts";
import { anOperation } from "../testing/an-operation.ts";
import { openTestEngine } from "../testing/test-engine.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { httpRequestMethod } from "./method.ts";
import { keptRequestOf } from "./record.ts";
import { type AskedRequest, startRequest, waitedFor } from "./starting.ts";
import { Upstream } from "./upstream.ts";

const METHOD = httpRequestMethod({
  heapBytesMax: 2 ** 32,
  upstream: new Upstream("http://127.0.0.1:9"),
  clock: new ManualClock(),
  patienceMs: 1,
  traceparent: () => undefined,
});

const ASKED: AskedRequest = {
  parent: "",
  method: "POST",
  target: "/a?q=1",
  headers: [
    "Host",
    "h",
    "Authorization",
    "Bearer x",
    "Cookie",
    "c=1",
    "Prefer",
    "respond-async",
    "Expect",
    "100-continue",
    "Content-Length",
    "3",
    "X-Own",
    "1",
  ],
  body: Buffer.from("abc"),
  idempotencyKey: undefined,
};

const isRefused = (reason: string) => (error: unknown) =>
  error instanceof StatusError && error.reason === reason;

suite("startRequest()", () => {
  test("stores the parts for the upstream, without credentials and headers about the call", async () => {
    await using opened = await openTestEngine([METHOD]);
    const started = await startRequest(opened.engine.operations, ANONYMOUS, ASKED);
    const kept = keptRequestOf(await opened.engine.operations.get(ANONYMOUS, `operations/${started.id}`));
    assert.deepEqual(kept, {
      method: "POST",
      target: "/a?q=1",
      headers: [
        ["Host", "h"],
        ["X-Own", "1"],
      ],
      body: "YWJj",
    });
    assert.equal(started.target, "POST /a");
    assert.equal(started.attemptsMax, 3);
  });

  test("a key belongs to a caller, a method and a path, whatever the headers are", async () => {
    await using opened = await openTestEngine([METHOD]);
    const { operations } = opened.engine;
    const keyed = { ...ASKED, idempotencyKey: "k" };
    const first = await startRequest(operations, ANONYMOUS, keyed);
    assert.equal((await startRequest(operations, ANONYMOUS, keyed)).id, first.id);
    assert.equal(
      (await startRequest(operations, ANONYMOUS, { ...keyed, headers: ["traceparent", "other"] })).id,
      first.id,
    );
    const others = [
      startRequest(operations, { ...ANONYMOUS, principal: "user:ada@example.com" }, keyed),
      startRequest(operations, ANONYMOUS, { ...keyed, method: "PUT" }),
      startRequest(operations, ANONYMOUS, { ...keyed, target: "/b?q=1" }),
      startRequest(operations, ANONYMOUS, ASKED),
    ];
    const ids = (await Promise.all(others)).map(({ id }) => id);
    assert.equal(new Set([first.id, ...ids]).size, 5);
    for (const change of [{ body: Buffer.from("abd") }, { target: "/a?q=2" }]) {
      await assert.rejects(
        startRequest(operations, ANONYMOUS, { ...keyed, ...change }),
        isRefused("IDEMPOTENCY_KEY_REUSED"),
      );
    }
  });

  for (const key of ["", "k".repeat(129)]) {
    test(`a key of ${key.length} characters is refused`, async () => {
      await using opened = await openTestEngine([METHOD]);
      await assert.rejects(
        startRequest(opened.engine.operations, ANONYMOUS, { ...ASKED, idempotencyKey: key }),
        isRefused("REQUEST_ID_INVALID"),
      );
    });
  }
});

test("waitedFor() returns the started operation if the wait is refused, and nothing to a caller that has left", async () => {
  const started = anOperation();
  const waiting = {} as WaitingConnection;
  for (const [reason, isGone] of [
    ["PERMISSION_DENIED", false],
    ["TOO_MANY_WAITERS", false],
    ["CALLER_GONE", true],
  ] as const) {
    const refusal = new StatusError("CANCELLED", "no", { reason });
    const operations = { wait: () => Promise.reject(refusal) } as unknown as Operations;
    const waited = waitedFor(operations, ANONYMOUS, started, { waitMs: 1, waiting });
    if (isGone) await assert.rejects(waited, isRefused(reason));
    else assert.equal(await waited, started);
  }
});
