import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import type { Trial } from "../trial.ts";
import { type Case, LEASE_S } from "./case.ts";

/** Whether leases are renewed in time, and what happens to attempts whose leases are not. */

const LEASE_MS = LEASE_S * 1_000;

export const LEASES: readonly Case[] = [
  {
    name: "short work needs no renewal",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.returns(1);
      await trial.done(name);
      assert.deepEqual(trial.entries("renew"), []);
    },
    own: { slots: 1 },
  },
  {
    name: "a lease is renewed repeatedly, after a third of its time",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.until("renew", 3);
      const claimed = trial.leases[0]?.answered ?? 0;
      const times = [claimed, ...trial.entries("renew").map(({ at }) => at)];
      const parts = times.slice(1).map((at, index) => (at - (times[index] ?? 0)) / LEASE_MS);
      const shown = parts.map((part) => part.toFixed(2)).join(", ");
      // A renewal that a slow machine does not answer in time is repeated at once.
      const mean = parts.reduce((sum, part) => sum + part, 0) / parts.length;
      assert.ok(mean > 0.2 && Math.max(...parts) < 0.75, `renewals after ${shown} of the lease`);
      run.returns("kept");
      assert.equal(await trial.attemptOf(name), 1);
    },
    own: { slots: 1 },
  },
  {
    name: "a handler that computes without a pause keeps its lease",
    async run(trial) {
      const { name, run } = await trial.begin();
      const began = performance.now();
      await run.compute(LEASE_MS * 0.7);
      const during = trial.entries("renew").filter(({ at }) => at - began < LEASE_MS * 0.68);
      assert.ok(during.length > 0, "renewed while it computed");
      run.returns("computed");
      assert.equal(await trial.attemptOf(name), 1);
    },
    own: { slots: 1 },
  },
  {
    name: "a failed renewal is repeated before the lease ends, and the handler continues",
    async run(trial) {
      trial.fate("renew", "UNAVAILABLE");
      const { name, run } = await trial.begin();
      await trial.until("renew", 3);
      assert.equal(await run.report({ percent: 1 }), "done");
      run.returns("kept");
      assert.equal(await trial.attemptOf(name), 1);
    },
    own: { slots: 1 },
  },
  {
    name: "a renewal without an answer is repeated before the lease ends",
    async run(trial) {
      trial.fate("renew", "hang");
      const { name, run } = await trial.begin();
      await trial.until("renew", 3);
      assert.equal(await run.report({ percent: 1 }), "done");
      run.returns("kept");
      assert.equal(await trial.attemptOf(name), 1);
    },
    own: { slots: 1 },
  },
  {
    name: "a renewal with a lost answer does no harm",
    async run(trial) {
      trial.fate("renew", "lose");
      const { name, run } = await trial.begin();
      await trial.until("renew", 3);
      run.returns("kept");
      assert.equal(await trial.attemptOf(name), 1);
    },
    own: { slots: 1 },
  },
  ...(["UNAVAILABLE", "hang"] as const).map(
    (fate): Case => ({
      name: `without an answer to a renewal (${fate}), the handler is stopped before the lease ends, and no outcome is sent`,
      async run(trial) {
        trial.fate("renew", ...Array.from({ length: 40 }, () => fate));
        const { run } = await trial.begin();
        await run.stopped();
        const heldMs = performance.now() - (trial.leases[0]?.sent ?? 0);
        assert.ok(heldMs < LEASE_MS, `stopped after ${heldMs.toFixed(0)} ms`);
        assert.ok(heldMs > LEASE_MS / 2, `stopped after ${heldMs.toFixed(0)} ms already`);
        run.end({ do: "stop" });
        await nextAttempt(trial);
        trial.assertNoOutcome();
      },
      own: { slots: 1 },
    }),
  ),
  {
    name: "the response of a handler that ignores its lost lease is dropped",
    async run(trial) {
      trial.fate("renew", ...Array.from({ length: 40 }, () => "UNAVAILABLE" as const));
      const { run } = await trial.begin();
      await run.stopped();
      run.returns("too late");
      await nextAttempt(trial);
      trial.assertNoOutcome();
    },
    own: { slots: 1 },
  },
  {
    name: "an outcome is not repeated after the lease has ended",
    async run(trial) {
      const away = Array.from({ length: 60 }, () => "UNAVAILABLE" as const);
      trial.fate("renew", ...away);
      trial.fate("complete", ...away);
      const { run } = await trial.begin();
      run.returns("nobody hears it");
      await trial.until("complete", 1);
      await nextAttempt(trial);
      const last = trial.entries("complete").findLast(({ proof }) => proof.attempt === 1)?.at ?? 0;
      assert.ok(last - (trial.leases[0]?.sent ?? 0) < LEASE_MS, "the last call was within the lease");
    },
    own: { slots: 1 },
  },
  {
    name: "a lease counts from the sending of the claim, even if the answer comes late",
    async run(trial) {
      trial.fate("claim", 2_000, 2_000);
      trial.fate("renew", ...Array.from({ length: 40 }, () => "UNAVAILABLE" as const));
      const { run } = await trial.begin();
      await run.stopped();
      const heldMs = performance.now() - (trial.leases[0]?.answered ?? 0);
      assert.ok(heldMs < LEASE_MS, `stopped ${heldMs.toFixed(0)} ms after the claim`);
      run.end({ do: "stop" });
    },
    // The claim is sent after the operation exists, so that it does not wait for work.
    own: { slots: 1, before: async (trial) => void (await trial.start()) },
  },
  {
    name: "the first renewal comes after a third of the time that is left when the claim is answered",
    async run(trial) {
      const run = await trial.run();
      await trial.until("renew", 1);
      const [first] = trial.entries("renew");
      const afterMs = (first?.at ?? 0) - (trial.leases[0]?.answered ?? 0);
      // The worker has the answer 4 s late, with 6 s left: it renews 2 s later, not at once.
      assert.ok(afterMs > LEASE_MS * 0.55, `renewed after ${afterMs.toFixed(0)} ms`);
      run.returns("kept");
    },
    own: {
      slots: 1,
      before: async (trial) => {
        trial.fate("claim", 4_000);
        await trial.start();
      },
    },
  },
  {
    name: "a worker that was suspended for longer than its lease sends no outcome",
    async run(trial) {
      const { run } = await trial.begin();
      const { worker } = trial.place;
      await trial.until("renew", 1);
      worker?.signal("SIGSTOP");
      const frozen = performance.now();
      const early = trial.entries("renew").length;
      await worker?.pastMs(LEASE_MS + 500);
      // When the handler wakes up, it already has its order.
      run.returns("too late");
      worker?.signal("SIGCONT");
      assert.ok(performance.now() - frozen >= LEASE_MS);
      await nextAttempt(trial);
      assert.ok(trial.entries("renew").length >= early);
      trial.assertNoOutcome();
    },
    own: { slots: 1 },
  },
];

/**
 * The worker is intact: it runs the next attempt. The server accepted no report about the first
 * one.
 */
async function nextAttempt(trial: Trial): Promise<void> {
  const run = await trial.run();
  assert.equal(run.began.attempt, 2);
  run.returns("next");
  assert.deepEqual((await trial.done(run.began.operation)).response, { value: "next" });
}
