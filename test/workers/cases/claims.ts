import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { foreign } from "../methods.ts";
import type { Case } from "./case.ts";

/** What workers request in claims, and when. */
export const CLAIMS: readonly Case[] = [
  {
    name: "each slot runs one handler, and the worker claims only for free slots",
    async run(trial) {
      const names = await Promise.all([1, 2, 3].map((value) => trial.start(value)));
      const [first, second] = [await trial.run(), await trial.run()];
      assert.equal(trial.waitingRuns, 0);
      first.returns(1);
      const third = await trial.run();
      second.returns(2);
      third.returns(3);
      for (const name of names) assert.equal(await trial.attemptOf(name), 1);
      for (const { limit } of trial.claims()) assert.ok(limit >= 1 && limit <= 2);
    },
    own: { slots: 2 },
  },
  {
    name: "a free slot is used while another handler runs",
    async run(trial) {
      const long = await trial.begin("long");
      for (let index = 0; index < 5; index++) {
        const short = await trial.begin(index);
        short.run.returns(index);
        await trial.done(short.name);
      }
      long.run.returns(1);
      assert.equal(await trial.attemptOf(long.name), 1);
    },
    own: { slots: 2 },
  },
  {
    name: "many operations run once each",
    async run(trial) {
      const names = await Promise.all(Array.from({ length: 60 }, (_, index) => trial.start(index)));
      for (let index = 0; index < names.length; index++) {
        const run = await trial.run();
        run.returns(run.began.request?.value);
      }
      const values = await Promise.all(names.map(async (name) => (await trial.done(name)).response));
      assert.deepEqual(
        values,
        names.map((_, value) => ({ value })),
      );
      assert.equal(trial.waitingRuns, 0);
    },
    own: { slots: 4 },
  },
  {
    name: "a worker claims only its own methods",
    async run(trial) {
      const { operations } = trial.place.server;
      const { name } = await operations.start(foreign, { url: "http://127.0.0.1:9/nobody" });
      const mine = await trial.begin();
      mine.run.returns(1);
      await trial.done(mine.name);
      assert.equal((await operations.get(name)).state, "PENDING");
      for (const { methods } of trial.claims()) assert.deepEqual(methods.toSorted(), ["silent", "steered"]);
    },
    own: { slots: 1 },
  },
  {
    name: "an idle worker keeps one claim waiting at the server instead of polling",
    async run(trial) {
      await trial.untilIdle();
      const began = performance.now();
      await trial.place.worker?.pastMs(1_500);
      const idle = trial.claims().filter(({ at }) => at >= began);
      assert.ok(idle.length <= 2, `${idle.length} claims in ${performance.now() - began} ms`);
      const waitMs = trial.claims().at(-1)?.waitMs ?? 0;
      assert.ok(waitMs >= 5_000, `a claim waits for ${waitMs} ms`);
      const { name, run } = await trial.begin();
      run.returns(1);
      await trial.done(name);
    },
    own: { slots: 4 },
  },
  ...(["UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL"] as const).map(
    (fate): Case => ({
      name: `a claim that fails (${fate}) is repeated after growing pauses`,
      async run(trial) {
        const { name, run } = await trial.begin();
        run.returns(1);
        await trial.done(name);
        const at = trial.claims().map((claim) => claim.at);
        const [first = 0, , , fourth = 0] = at;
        assert.ok(fourth - first > 100, `four claims in ${fourth - first} ms`);
        assert.equal(trial.place.worker?.process.exitCode, null);
      },
      own: { slots: 1, before: (trial) => trial.fate("claim", fate, fate, fate) },
    }),
  ),
  {
    name: "a claim with a lost answer does not count as an attempt",
    async run(trial) {
      const run = await trial.run();
      run.returns("all the same");
      const { response } = await trial.done(run.began.operation);
      assert.deepEqual(response, { value: "all the same" });
      assert.equal(trial.failedAttempts, 0);
    },
    own: {
      slots: 1,
      before: async (trial) => {
        trial.fate("claim", "lose");
        await trial.start();
      },
    },
  },
  {
    name: "a repeated claim gets the same attempt, whose lease is renewed before the handler begins",
    async run(trial) {
      const run = await trial.run();
      const tokens = trial.claimed.map(({ token }) => token);
      assert.equal(tokens.length, 2);
      assert.equal(tokens[0], tokens[1]);
      assert.ok(trial.entries("renew").length > 0, "renewed before the handler began");
      run.returns("all the same");
      assert.equal(await trial.attemptOf(run.began.operation), 1);
    },
    own: {
      slots: 1,
      needsRepeatedClaims: true,
      before: async (trial) => {
        trial.fate("claim", "lose");
        await trial.start();
      },
    },
  },
  ...(["PERMISSION_DENIED", "UNAUTHENTICATED"] as const).map(
    (fate): Case => ({
      name: `a worker whose claim is refused (${fate}) exits with an error and prints it`,
      async run(trial) {
        const { worker } = trial.place;
        assert.notEqual(await worker?.ended, 0);
        assert.match(worker?.text ?? "", /The gateway says/);
      },
      own: { slots: 1, before: (trial) => trial.fate("claim", fate, fate, fate, fate) },
    }),
  ),
  {
    name: "a worker continues when its connections to the server break",
    async run(trial) {
      const { name, run } = await trial.begin();
      trial.place.cut();
      run.returns("delivered");
      assert.equal(await trial.attemptOf(name), 1);
      const next = await trial.begin();
      next.run.returns("claimed");
      await trial.done(next.name);
    },
    own: { slots: 1 },
  },
];
