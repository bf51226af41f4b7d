import assert from "node:assert/strict";
import { type Case, LEASE_S } from "./case.ts";
import type { Fate } from "../gateway.ts";

/** Outcomes whose calls fail. */

function repeated(what: string, fates: readonly Fate[], countMin = fates.length + 1): readonly Case[] {
  return [
    {
      name: `a response is sent again, unchanged, if ${what}`,
      async run(trial) {
        trial.fateOfOutcome("complete", fates, countMin);
        const { name, run } = await trial.begin();
        run.returns("once");
        await trial.until("complete", countMin);
        const { state } = await trial.done(name);
        const attempt = trial.attempt(name);
        assert.deepEqual([state, attempt], ["SUCCEEDED", 1]);
        trial.assertSame("complete", countMin);
      },
    },
    {
      name: `a failure is sent again, unchanged, if ${what}`,
      async run(trial) {
        trial.fateOfOutcome("fail", fates, countMin);
        const { name, run } = await trial.begin();
        run.fails("NOT_FOUND", "once");
        await trial.until("fail", countMin);
        const { state } = await trial.done(name);
        const attempt = trial.attempt(name);
        assert.deepEqual([state, attempt], ["FAILED", 1]);
        trial.assertSame("fail", countMin);
      },
    },
  ];
}

export const DELIVERY: readonly Case[] = [
  ...repeated("its answer was lost", ["lose"]),
  ...repeated("the server is away", ["UNAVAILABLE", "UNAVAILABLE"]),
  ...repeated("the server is overloaded", ["RESOURCE_EXHAUSTED", "INTERNAL"]),
  {
    name: "a response without an answer is sent again within the lease",
    async run(trial) {
      trial.fate("complete", "hang");
      const { name, run } = await trial.begin();
      run.returns("once");
      await trial.until("complete", 2);
      assert.equal(await trial.attemptOf(name), 1);
      trial.assertSame("complete", 2);
    },
    // The worker sends outcomes of several operations in one call, so those of other cases would
    // hang, too.
    own: { slots: 1 },
  },
  {
    name: "a retryable failure with a lost answer is stored once",
    async run(trial) {
      trial.fate("fail", "lose");
      const { name, run } = await trial.begin();
      run.fails("UNAVAILABLE", "again", { retry: true });
      const next = await trial.run();
      next.returns(2);
      const { state } = await trial.done(name);
      const attempt = trial.attempt(name);
      assert.deepEqual([state, attempt], ["SUCCEEDED", 2]);
      trial.assertSame("fail", 1);
    },
  },
  {
    name: "the lease is kept while an outcome is repeated",
    async run(trial) {
      trial.fate("complete", ...Array.from({ length: 5 }, () => "UNAVAILABLE" as const));
      const { name, run } = await trial.begin();
      run.returns("patient");
      await trial.until("complete", 6);
      assert.equal(await trial.attemptOf(name), 1);
      const [first, last] = [
        trial.entries("complete")[0]?.at ?? 0,
        trial.entries("complete").at(-1)?.at ?? 0,
      ];
      const between = trial.entries("renew").filter(({ at }) => at > first && at < last);
      assert.ok(last - first < LEASE_S * 500 || between.length > 0, "renewed meanwhile");
    },
    own: { slots: 1 },
  },
  {
    name: "pauses between repeated calls grow",
    async run(trial) {
      trial.fate("complete", ...Array.from({ length: 5 }, () => "UNAVAILABLE" as const));
      const { name, run } = await trial.begin();
      run.returns(1);
      await trial.until("complete", 6);
      await trial.done(name);
      const at = trial.entries("complete").map((entry) => entry.at);
      const [first = 0, second = 0] = at;
      assert.ok(second - first >= 20, `a pause of ${second - first} ms before the second call`);
      assert.ok((at[5] ?? 0) - (at[3] ?? 0) > second - first, "later pauses are longer");
    },
    own: { slots: 1 },
  },
];
