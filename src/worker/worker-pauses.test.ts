import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";
import { defineMethod } from "../core/method/method.ts";
import type { WorkerPort } from "../core/ports/worker-port.ts";
import { openTestWorker } from "./test-worker.suite.ts";

const other = defineMethod({ name: "other", request: z.object({}), run: () => {} });

test("a paused method is left out of claims, its starts are not passed directly, and other methods continue", async () => {
  const paused = defineMethod({ name: "paused", request: z.object({}), run: () => {} });
  await using opened = await openTestWorker([paused, other], { claimant: true });
  const { worker, attempts, events, clock } = opened;
  const wanted: string[][] = [];
  const claim = attempts.claim;
  attempts.claim = (request: Parameters<WorkerPort["claim"]>[0]) => {
    wanted.push(request.wanted.map(({ method }) => method));
    return claim(request);
  };
  worker.pause(new Set(["paused"]));
  worker.start();
  const waiting = await opened.start(paused);
  await opened.start(other);
  await events.until("attempt.ended");
  await clock.advance(3 * LIMITS.claimIntervalMs);
  assert.equal((await opened.read(waiting)).state, "PENDING");
  assert.ok(
    wanted.length > 2 && wanted.every((methods) => methods.join() === "other"),
    JSON.stringify(wanted),
  );
  assert.deepEqual(attempts.handedOn, [], "it is paused everywhere");
  worker.pause(new Set());
  await events.until("attempt.ended", 2);
  assert.equal((await opened.read(waiting)).state, "SUCCEEDED");
});

test("running attempts continue when their method is paused, and operations from a claim in progress are released", async () => {
  const done = Promise.withResolvers<void>();
  const paused = defineMethod({ name: "paused", request: z.object({}), run: () => done.promise });
  await using opened = await openTestWorker([paused]);
  const { worker, attempts, events, clock } = opened;
  worker.start();
  const running = await opened.start(paused);
  await events.until("attempt.began");
  const answer = attempts.held.hold("claim", "answer");
  const claimed = await opened.start(paused);
  await answer.reached;
  worker.pause(new Set(["paused"]));
  answer.go();
  while ((await opened.read(claimed)).attempt === 0 || (await opened.read(claimed)).state === "RUNNING")
    await clock.advance(0);
  assert.deepEqual(
    [(await opened.read(claimed)).state, (await opened.read(claimed)).failedAttempts],
    ["PENDING", 0],
  );
  assert.equal((await opened.read(running)).state, "RUNNING");
  done.resolve();
  await events.until("attempt.ended");
  assert.equal((await opened.read(running)).state, "SUCCEEDED");
  assert.equal((await opened.read(claimed)).state, "PENDING");
});
