import assert from "node:assert/strict";
import type { Case } from "./case.ts";

/** The progress that callers see during the work. */
export const PROGRESS: readonly Case[] = [
  {
    name: "callers see a report while the handler runs",
    async run(trial) {
      const { name, run } = await trial.begin();
      await run.report({ percent: 40, text: "ä 日本" });
      await trial.untilReported(1);
      await trial.place.gateway.until(() => trial.reportsAnswered > 0);
      const { state, metadata } = await trial.get(name);
      assert.deepEqual([state, metadata], ["RUNNING", { percent: 40, text: "ä 日本" }]);
      run.returns(1);
      await trial.done(name);
    },
  },
  {
    name: "the last report is sent before the response",
    async run(trial) {
      const { name, run } = await trial.begin();
      await run.report({ percent: 10 });
      await run.report({ percent: 100 });
      run.returns(1);
      assert.deepEqual((await trial.done(name)).metadata, { percent: 100 });
    },
  },
  {
    name: "the last report is sent before a failure",
    async run(trial) {
      const { name, run } = await trial.begin();
      await run.report({ percent: 66 });
      run.fails("NOT_FOUND", "no");
      assert.deepEqual((await trial.done(name)).metadata, { percent: 66 });
    },
  },
  {
    name: "a hundred reports take few calls, and the newest is kept",
    async run(trial) {
      const { name, run } = await trial.begin();
      for (let percent = 1; percent <= 100; percent++) await run.report({ percent });
      run.returns(1);
      assert.deepEqual((await trial.done(name)).metadata, { percent: 100 });
      const { length } = trial.entries("renew");
      assert.ok(length >= 1 && length <= 20, `${length} renewals for 100 reports`);
    },
  },
  {
    name: "a report that the server refuses does not stop the handler",
    async run(trial) {
      const { name, run } = await trial.begin();
      assert.equal(await run.report({ percent: "half" }), "done");
      await trial.until("renew", 1);
      assert.equal(await run.report({ percent: 50 }), "done");
      run.returns("all the same");
      const { response, metadata } = await trial.done(name);
      assert.deepEqual([response, metadata], [{ value: "all the same" }, { percent: 50 }]);
    },
  },
  {
    name: "the next attempt gets the last report of the one before",
    async run(trial) {
      const { name, run } = await trial.begin();
      assert.equal(run.began.lastReport ?? null, null);
      await run.report({ percent: 30, text: "half a file" });
      run.fails("UNAVAILABLE", "again", { retry: true });
      const next = await trial.run();
      assert.deepEqual(next.began.lastReport, { percent: 30, text: "half a file" });
      next.returns(1);
      await trial.done(name);
    },
  },
  {
    name: "a report is sent again if its call fails",
    async run(trial) {
      trial.fate("report", "UNAVAILABLE");
      const { name, run } = await trial.begin();
      await run.report({ percent: 77 });
      await trial.untilReported(2);
      for (const { metadata } of trial.reports()) assert.deepEqual(metadata, { percent: 77 });
      run.returns(1);
      await trial.done(name);
    },
  },
];
