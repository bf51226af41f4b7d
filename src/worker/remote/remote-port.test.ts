import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { HandedOver } from "../../core/method/handed-over.ts";
import { type Context, defineMethod } from "../../core/method/method.ts";
import type { FailureEntry } from "../../core/ports/worker-calls.ts";
import { settled } from "../../testing/manual-clock.ts";
import { trustMs } from "../heartbeat.ts";
import { steered } from "../steered.suite.ts";
import { away } from "./remote-server.suite.ts";
import { openRemoteWorld } from "./remote-worker.suite.ts";

const request = z.object({ text: z.string().default("none") });
const echo = defineMethod({
  name: "echo",
  request,
  response: z.object({ text: z.string() }),
  run: ({ text }) => ({ text }),
});

suite("a worker without the store", () => {
  test("runs a handler with the output of its own schema, and writes the response", async () => {
    await using world = await openRemoteWorld([echo]);
    const operation = await world.start(echo);
    world.worker.start();
    await world.events.until("attempt.ended");
    const ended = await world.read(operation);
    assert.equal(ended.state, "SUCCEEDED");
    assert.equal(ended.response?.json, '{"text":"none"}');
    assert.equal(ended.lastWorker, "remote-1");
    assert.deepEqual(world.began, [undefined]);
  });

  test("sends concurrent outcomes in one call", async () => {
    await using world = await openRemoteWorld([echo], { concurrency: 8 });
    for (let each = 0; each < 8; each++) await world.start(echo, { text: String(each) });
    world.worker.start();
    await world.events.until("attempt.ended", 8);
    assert.deepEqual(world.server.calls.complete, [8]);
  });

  test("repeats an outcome with a lost answer, and the server accepts it as the same", async () => {
    await using world = await openRemoteWorld([echo]);
    const { server, clock } = world;
    await world.start(echo);
    const answer = server.held.hold("complete", "answer");
    world.worker.start();
    await answer.reached;
    answer.lose(away());
    await settled();
    assert.deepEqual(world.events.endings, []);
    await clock.advance(1_000);
    assert.deepEqual(world.events.endings, ["completed"]);
    assert.deepEqual(server.calls.complete, [1, 1]);
  });

  test("a report is sent, and the last unsent one is sent before the outcome", async () => {
    const { contexts, gates, method } = steered();
    await using world = await openRemoteWorld([method]);
    const operation = await world.start(method);
    world.worker.start();
    await world.events.until("attempt.began");
    await settled();
    contexts[0]?.report({ percent: 1 });
    await world.events.until("attempt.reported");
    contexts[0]?.report({ percent: 99 });
    gates[0]?.resolve();
    await world.events.until("attempt.ended");
    const ended = await world.read(operation);
    assert.equal(ended.metadata?.json, '{"percent":99}');
    assert.deepEqual(world.server.calls.renew, [1, 1]);
  });

  test("a report that was sent is not repeated with the outcome", async () => {
    const { contexts, gates, method } = steered();
    await using world = await openRemoteWorld([method]);
    await world.start(method);
    world.worker.start();
    await world.events.until("attempt.began");
    await settled();
    contexts[0]?.report({ percent: 1 });
    await world.events.until("attempt.reported");
    gates[0]?.resolve();
    await world.events.until("attempt.ended");
    assert.deepEqual(world.server.calls.renew, [1]);
  });

  test("a response that the server refuses ends the attempt as an invalid response", async () => {
    await using world = await openRemoteWorld([echo]);
    const operation = await world.start(echo);
    world.server.refuse = (verb) =>
      verb === "complete"
        ? new StatusError("INVALID_ARGUMENT", "Invalid response: no such field.")
        : undefined;
    world.worker.start();
    await world.events.until("attempt.ended");
    const ended = await world.read(operation);
    assert.equal(ended.state, "FAILED");
    assert.match(ended.exception ?? "", /no such field/);
    assert.deepEqual(world.events.endings, ["failed"]);
  });

  test("a failure is repeated unchanged, the delay before the next attempt included", async () => {
    const retry = { attempts: 3, initialDelay: "400ms", maxDelay: "400ms" } as const;
    const method = defineMethod({
      name: "flaky",
      request,
      retry,
      run: () => Promise.reject(new StatusError("UNAVAILABLE", "again")),
    });
    await using world = await openRemoteWorld([method]);
    const { server, clock } = world;
    const sent: FailureEntry[] = [];
    const { fail } = server;
    server.fail = (failures) => {
      sent.push(...failures);
      return fail(failures);
    };
    await world.start(method);
    const answer = server.held.hold("fail", "call");
    world.worker.start();
    await answer.reached;
    answer.lose(away());
    await clock.advance(1_000);
    const [first, ...others] = sent;
    assert.ok((first?.retryDelayMs ?? 0) >= 200);
    assert.deepEqual(others[0], first);
  });

  test("an outcome without permission is repeated, and reported as delayed, not as a bug", async () => {
    await using world = await openRemoteWorld([echo]);
    const { server, clock, events } = world;
    const operation = await world.start(echo);
    server.refuse = () => new StatusError("PERMISSION_DENIED", "Nobody granted it.");
    world.worker.start();
    await events.until("attempt.write-delayed");
    server.refuse = () => undefined;
    await clock.advance(1_000);
    assert.equal((await world.read(operation)).state, "SUCCEEDED");
    assert.equal(events.count("attempt.crashed"), 0);
  });

  for (const leaseMs of [undefined, 300_000])
    test(`an attempt that is handed over (${leaseMs ?? "the worker's own lease"}) keeps its lease, without a report`, async () => {
      const run = () => Promise.reject(new HandedOver(leaseMs));
      const method = defineMethod({ name: "hand", request, run });
      await using world = await openRemoteWorld([method], { leaseMs: 20_000 });
      const operation = await world.start(method);
      world.worker.start();
      await world.events.until("attempt.ended");
      assert.deepEqual(world.events.endings, ["handed-over"]);
      const { leaseTime } = await world.read(operation);
      assert.equal((leaseTime ?? 0) - world.store.time(), leaseMs ?? 20_000);
    });

  test("a failed handler is retried after the delay of the worker's own policy", async () => {
    let attempts = 0;
    const method = defineMethod({
      name: "flaky",
      request,
      retry: { attempts: 3, initialDelay: "4s" },
      run: () => {
        if (++attempts < 3) throw new Error("once more");
      },
    });
    await using world = await openRemoteWorld([method]);
    const operation = await world.start(method);
    world.worker.start();
    await world.events.until("attempt.ended");
    const { availableTime, state, exception } = await world.read(operation);
    assert.equal(state, "PENDING");
    assert.ok(availableTime > world.store.time() + 1_000);
    assert.match(exception ?? "", /once more/);
  });
});

suite("leases of a worker without the store", () => {
  test("the first renewal comes within the short first lease; the next come after a third of the lease", async () => {
    const { gates, method } = steered();
    await using world = await openRemoteWorld([method], { leaseMs: 30_000 });
    const { clock, server } = world;
    const operation = await world.start(method);
    world.worker.start();
    await world.events.until("attempt.began");
    const first = (await world.read(operation)).leaseTime ?? 0;
    assert.equal(first - world.store.time(), LIMITS.remoteFirstLeaseMs);
    await clock.advance(3_400);
    assert.deepEqual(server.calls.renew, [1]);
    assert.ok(((await world.read(operation)).leaseTime ?? 0) > world.store.time() + 29_000);
    await clock.advance(9_000);
    assert.deepEqual(server.calls.renew, [1]);
    await clock.advance(1_100);
    assert.deepEqual(server.calls.renew, [1, 1]);
    gates[0]?.resolve();
    await world.events.until("attempt.ended");
    assert.deepEqual(world.events.endings, ["completed"]);
  });

  test("a first lease that cannot be renewed is trusted for less than it lasts", async () => {
    const { whys, method } = steered();
    await using world = await openRemoteWorld([method], { leaseMs: 30_000 });
    const { clock, server } = world;
    await world.start(method);
    world.worker.start();
    await world.events.until("attempt.began");
    await settled();
    server.pass = async (verb) => {
      if (verb === "renew") throw away();
    };
    await clock.advance(trustMs(LIMITS.remoteFirstLeaseMs) - 1);
    assert.deepEqual(whys, []);
    await clock.advance(1);
    assert.deepEqual(whys, ["1 lease-lost"]);
  });

  test("the lease of an operation at the end of a long wait counts from the time of its claim", async () => {
    const { gates, method } = steered();
    await using world = await openRemoteWorld([method]);
    const { clock } = world;
    world.worker.start();
    await settled();
    await clock.advance(25_000);
    await world.start(method);
    await world.events.until("attempt.began");
    await settled();
    gates[0]?.resolve();
    await world.events.until("attempt.ended");
    assert.deepEqual(world.events.endings, ["completed"]);
  });

  test("a renewal reveals a cancellation", async () => {
    const { whys, gates, method } = steered({ retry: { attempts: 2, initialDelay: "1ms" } });
    await using world = await openRemoteWorld([method]);
    const { clock, engine } = world;
    const operation = await world.start(method);
    world.worker.start();
    await world.events.until("attempt.began");
    await settled();
    await engine.operations.cancel(ANONYMOUS, `operations/${operation.id}`);
    assert.deepEqual(whys, []);
    await clock.advance(3_400);
    assert.deepEqual(whys, ["1 cancelled"]);
    gates[0]?.reject(new DOMException("stopped", "AbortError"));
    await world.events.until("attempt.ended");
    assert.equal((await world.read(operation)).state, "CANCELLED");
  });

  test("an attempt that was replaced is lost, and its outcome is not written", async () => {
    const { whys, gates, method } = steered();
    await using world = await openRemoteWorld([method]);
    const { clock, store } = world;
    const operation = await world.start(method);
    world.worker.start();
    await world.events.until("attempt.began");
    await settled();
    const record = await world.read(operation);
    const { revision } = record;
    const next = { ...record, revision: revision + 1, attempt: 2, worker: "another" };
    await store.write({ verb: "replace", next, expectedRevision: revision });
    await clock.advance(3_400);
    assert.deepEqual(whys, ["1 lease-lost"]);
    gates[0]?.resolve();
    await world.events.until("attempt.ended");
    assert.deepEqual(world.events.endings, ["dropped"]);
    assert.deepEqual(world.server.calls.complete, []);
  });
});

test("signals and names reach the handler as in a process on the store", async () => {
  const seen: Context[] = [];
  const method = defineMethod({ name: "look", request, run: (_, context) => void seen.push(context) });
  await using world = await openRemoteWorld([method]);
  const operation = await world.start(method);
  world.worker.start();
  await world.events.until("attempt.ended");
  assert.equal(seen[0]?.name, `operations/${operation.id}`);
  assert.deepEqual([seen[0]?.attempt, seen[0]?.caller?.principal], [1, "anonymous"]);
});
