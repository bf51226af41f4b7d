import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { Case } from "./case.ts";

/** The behaviour of workers that are told to stop. */
export const SHUTDOWN: readonly Case[] = [
  ...(["SIGTERM", "SIGINT"] as const).map(
    (signal): Case => ({
      name: `an idle worker exits at once on ${signal}`,
      async run(trial) {
        await trial.untilIdle();
        const began = performance.now();
        trial.place.worker?.signal(signal);
        assert.equal(await trial.place.worker?.ended, 0);
        assert.ok(performance.now() - began < 4_000);
      },
      own: { slots: 2 },
    }),
  ),
  {
    name: "the outcome of a handler that ends within the drain time is sent, and nothing more is claimed",
    async run(trial) {
      const { name, run } = await trial.begin();
      const { worker } = trial.place;
      worker?.signal("SIGTERM");
      // The worker had an open claim, which it cancels.
      const waiting = await trial.start("for another");
      run.returns("in time");
      assert.equal((await trial.done(name)).state, "SUCCEEDED");
      assert.equal(await worker?.ended, 0);
      assert.equal((await trial.get(waiting)).state === "SUCCEEDED", false);
      assert.equal(trial.waitingRuns, 0);
    },
    own: { slots: 1, drainS: 20 },
  },
  {
    name: "a handler that exceeds the drain time is stopped, and its attempt is released",
    async run(trial) {
      const { name, run } = await trial.begin();
      trial.place.worker?.signal("SIGTERM");
      await run.stopped();
      run.end({ do: "stop" });
      assert.equal(await trial.place.worker?.ended, 0);
      await givenBack(trial, name);
    },
    own: { slots: 1, drainS: 1 },
  },
  {
    name: "the attempt of a handler that does not stop is released",
    async run(trial) {
      const { name } = await trial.begin();
      const began = performance.now();
      trial.place.worker?.signal("SIGTERM");
      await trial.place.worker?.ended;
      assert.ok(performance.now() - began < 12_000);
      await givenBack(trial, name);
    },
    own: { slots: 1, drainS: 1 },
  },
  {
    name: "a release is repeated while the server is away",
    async run(trial) {
      trial.fate("release", "UNAVAILABLE", "lose");
      const { name, run } = await trial.begin();
      trial.place.worker?.signal("SIGTERM");
      await run.stopped();
      run.end({ do: "stop" });
      assert.equal(await trial.place.worker?.ended, 0);
      await givenBack(trial, name);
      // A renewal may tell the worker that it has lost the attempt; then it need not repeat the
      // release.
      trial.assertSame("release", 2);
    },
    own: { slots: 1, drainS: 1 },
  },
  {
    name: "leases are renewed during the drain time",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.until("renew", 1);
      trial.place.worker?.signal("SIGTERM");
      const { length } = trial.entries("renew");
      await trial.until("renew", length + 3);
      run.returns("drained");
      assert.equal(await trial.attemptOf(name), 1);
      assert.equal(await trial.place.worker?.ended, 0);
    },
    own: { slots: 1, drainS: 20 },
  },
  {
    name: "a failure during shutdown is sent",
    async run(trial) {
      const { name, run } = await trial.begin();
      trial.place.worker?.signal("SIGTERM");
      await run.stopped();
      run.fails("DATA_LOSS", "Half of it is gone.");
      const { error } = await trial.done(name);
      assert.equal(error?.code, "DATA_LOSS");
      assert.equal(await trial.place.worker?.ended, 0);
    },
    own: { slots: 1, drainS: 1 },
  },
];

/** Another attempt may begin at once, and no attempt counts as failed. */
async function givenBack(trial: Parameters<Case["run"]>[0], name: string): Promise<void> {
  assert.equal((await trial.get(name)).state, "PENDING");
  const response = await fetch(`${trial.place.server.url}/v1/operations:claim`, {
    method: "POST",
    body: JSON.stringify({ methods: ["steered"], worker: "another", limit: 10 }),
  });
  const { claims } = (await response.json()) as {
    readonly claims: readonly {
      readonly attempt: { readonly name: string };
      readonly failedAttempts?: number;
    }[];
  };
  const claim = claims.find(({ attempt }) => attempt.name === name);
  assert.ok(claim !== undefined, "another worker is given it");
  assert.equal(claim.failedAttempts ?? 0, 0);
}
