import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { LIMITS } from "../../../src/core/limits.ts";
import { ManualClock } from "../../../src/testing/manual-clock.ts";
import { openWorkerServer, pack, type WorkerServer } from "./worker-server.ts";

/** Workers without the store, over real sockets and on the real engine. */

const WAIT = { timeout: "60s" };

/** Starts operations, and returns their names. */
async function started(server: WorkerServer, count: number, text = "a", parent = ""): Promise<string[]> {
  const names: string[] = [];
  for (let at = 0; at < count; at++) {
    const operation = await server.operations.start(pack, { text }, { parent });
    names.push(operation.name);
  }
  return names;
}

suite("a worker over REST", () => {
  test("claims, reports and completes; callers see no difference from any other worker", async () => {
    await using server = await openWorkerServer();
    const [name = ""] = await started(server, 1, "abc", "projects/p");
    assert.deepEqual(await server.claim({ parent: "projects/q" }), []);
    const [claim] = await server.claim({ parent: "projects" });
    assert.ok(claim !== undefined);
    const { attempt, ...flat } = claim.attempt;
    assert.deepEqual([claim.attempt.name, attempt, claim.request], [name, 1, { text: "abc" }]);
    assert.equal(flat.name, name);
    const one = { attempt, token: claim.attempt.token };
    const renewed = await server.post(`${name}:renew`, { ...one, metadata: { percent: 50 } });
    assert.deepEqual(renewed.body, { held: true, lease: "30s", cancelRequested: false });
    const odd = await server.post(`${name}:renew`, { ...one, metadata: { percent: "half" } });
    assert.deepEqual([odd.status, odd.body.held], [200, true]);
    const seen = await server.operations.get(name);
    assert.deepEqual([seen.metadata?.["percent"], seen.state], [50, "RUNNING"]);
    const wrong = await server.post(`${name}:complete`, { ...one, response: { size: "large" } });
    assert.deepEqual([wrong.status, wrong.body.error?.details[0]?.reason], [400, "ATTEMPT_RESPONSE_INVALID"]);
    for (const _ of ["once", "again"]) {
      const { body } = await server.post(`${name}:complete`, { ...one, response: { size: 3 } });
      assert.deepEqual(body, { state: "SUCCEEDED" });
    }
    const other = await server.post(`${name}:complete`, { ...one, response: { size: 4 } });
    assert.deepEqual([other.status, other.body.error?.details[0]?.reason], [400, "OPERATION_DONE"]);
    assert.deepEqual((await server.operations.get(name)).response, { size: 3 });
  });

  test("cannot write to an attempt that it did not claim", async () => {
    await using server = await openWorkerServer();
    await started(server, 2);
    const [first, second] = await server.claim();
    assert.ok(first !== undefined && second !== undefined);
    const { name, attempt, token } = first.attempt;
    for (const wrong of [
      { attempt, token: second.attempt.token },
      { attempt: 2, token },
      { attempt, token: "x" },
      { attempt, token: "ä\u0000" },
      { attempt, token: token.slice(1) },
    ]) {
      const { status, body } = await server.post(`${name}:complete`, { ...wrong, response: { size: 1 } });
      assert.deepEqual([status, body.error?.details[0]?.reason], [403, "ATTEMPT_TOKEN_INVALID"]);
    }
    assert.equal((await server.operations.get(name)).state, "RUNNING");
  });

  test("loses an attempt when its lease expires, and the next attempt has another number", async () => {
    const clock = new ManualClock();
    await using server = await openWorkerServer([pack], { clock });
    const [name = ""] = await started(server, 1);
    const [first] = await server.claim();
    assert.ok(first !== undefined);
    const { attempt, token } = first.attempt;
    assert.equal((await server.post(`${name}:renew`, { attempt, token })).body.held, true);
    await clock.advance(31_000);
    const [second] = await server.claim();
    assert.ok(second !== undefined, "the sweep has ended it");
    assert.deepEqual([second.attempt.attempt, second.failedAttempts], [2, 1]);
    const late = await server.post(`${name}:complete`, { attempt, token, response: { size: 1 } });
    assert.deepEqual([late.status, late.body.error?.details[0]?.reason], [409, "ATTEMPT_LOST"]);
  });
});

suite("a claim that waits", () => {
  test("gets what is started, over both wires, and its outcome releases waiters", async () => {
    await using server = await openWorkerServer();
    const overRest = server.claim({ ...WAIT, limit: 1 });
    const overGrpc = server.call("claimOperations", {
      methods: ["pack"],
      worker: "g",
      timeout: durationFromMs(60_000),
    });
    const names = await started(server, 2);
    const [claims, { claims: messages }] = await Promise.all([overRest, overGrpc]);
    const got = [
      ...claims.map(({ attempt }) => attempt.name),
      ...messages.map(({ attempt }) => attempt?.name),
    ];
    assert.deepEqual(new Set(got), new Set(names));
    const waited = names.map((name) => server.post(`${name}:wait`, { timeout: "60s" }));
    const attempt = messages[0]?.attempt;
    assert.ok(attempt !== undefined);
    const responsePayload = { case: "response", value: { size: 1 } } as const;
    const { answers } = await server.call("completeAttempts", {
      completions: [{ attempt, responsePayload }],
    });
    assert.deepEqual([answers[0]?.state, answers[0]?.error], ["SUCCEEDED", undefined]);
    const completions = claims.map((claim) => ({ attempt: claim.attempt, response: { size: 1 } }));
    await server.post("operations:complete", { completions });
    for (const { body } of await Promise.all(waited)) assert.equal(body.done, true);
  });

  test("ends when its caller hangs up, and takes nothing with it", async () => {
    await using server = await openWorkerServer();
    for (let round = 0; round < 5; round++) {
      const rest = new AbortController();
      const grpc = new AbortController();
      const body = JSON.stringify({ methods: ["pack"], worker: "gone", ...WAIT });
      const fetched = fetch(`${server.url}/v1/operations:claim`, {
        method: "POST",
        body,
        signal: rest.signal,
      });
      const asked = { methods: ["pack"], worker: "gone", timeout: durationFromMs(60_000) };
      const called = server.call("claimOperations", asked, grpc.signal);
      // A caller that is still in the queue gets nothing either.
      assert.equal((await server.post("operations:claim", { methods: ["pack"], worker: "w" })).status, 200);
      rest.abort();
      grpc.abort();
      await Promise.allSettled([fetched, called]);
    }
    const [name] = await started(server, 1);
    const [claim] = await server.claim(WAIT);
    assert.equal(claim?.attempt.name, name);
  });

  test("with a limit of 0 takes one operation, over both wires", async () => {
    await using server = await openWorkerServer();
    const names = await started(server, 3);
    const asked = { methods: ["pack"], worker: "w", limit: 0 };
    const first = await server.claim(asked);
    const { claims: second } = await server.call("claimOperations", asked);
    const got = [...first, ...second].map(({ attempt }) => attempt?.name);
    assert.deepEqual(got, names.slice(0, 2));
  });

  test("leaves room for other calls over its connection, however many claims wait", async () => {
    await using server = await openWorkerServer();
    const count = 2 * LIMITS.connectionCallsMax;
    const asked = { methods: ["pack"], worker: "w", limit: 1, timeout: durationFromMs(60_000) };
    const waiting = Array.from({ length: count }, () => server.call("claimOperations", asked));
    const { answers } = await server.call("releaseAttempts", {
      attempts: [{ name: "operations/x", attempt: 1, token: "t" }],
    });
    assert.equal(answers[0]?.error?.code, 5, "answered while all others wait");
    const names = await started(server, count);
    const claimed = (await Promise.all(waiting)).flatMap(({ claims }) =>
      claims.map(({ attempt }) => attempt?.name),
    );
    assert.deepEqual([claimed.length, new Set(claimed)], [count, new Set(names)]);
  });
});

suite("claimed operations", () => {
  test("fit into a message, over both wires; the rest stays for the next claim", async () => {
    await using server = await openWorkerServer();
    const names = await started(server, 8, "x".repeat(900_000));
    const seen: string[] = [];
    const sizes: number[] = [];
    while (seen.length < names.length) {
      const response = await fetch(`${server.url}/v1/operations:claim`, {
        method: "POST",
        body: JSON.stringify({ methods: ["pack"], worker: "w", limit: 2, ...WAIT }),
      });
      const text = await response.text();
      sizes.push(Buffer.byteLength(text));
      const { claims } = JSON.parse(text) as { claims: readonly { attempt: { name: string } }[] };
      seen.push(...claims.map(({ attempt }) => attempt.name));
      const asked = { methods: ["pack"], worker: "g", limit: 100, timeout: durationFromMs(60_000) };
      const over = seen.length < names.length ? await server.call("claimOperations", asked) : { claims: [] };
      assert.ok(over.claims.length <= 3);
      seen.push(...over.claims.map(({ attempt }) => attempt?.name ?? ""));
    }
    assert.deepEqual(seen.toSorted(), names.toSorted());
    assert.ok(Math.max(...sizes) <= LIMITS.remoteMessageBytesMax);
  });

  test("can be a thousand at once, and so can their outcomes", async () => {
    await using server = await openWorkerServer();
    const requests = Array.from({ length: 1_000 }, () => ({ method: "pack", request: { text: "a" } }));
    await fetch(`${server.url}/v1:startOperations`, { method: "POST", body: JSON.stringify({ requests }) });
    const claims = await server.claim();
    assert.equal(claims.length, 1_000);
    const renewals = claims.map(({ attempt }) => ({ attempt, metadata: { percent: 1 } }));
    const renewed = await server.post("operations:renew", { renewals });
    assert.ok(renewed.body.answers?.every(({ error }) => error === undefined));
    const completions = claims.map(({ attempt }) => ({ attempt, response: { size: 1 } }));
    const { body } = await server.post("operations:complete", { completions });
    assert.deepEqual(new Set(body.answers?.map(({ state }) => state)), new Set(["SUCCEEDED"]));
  });
});
