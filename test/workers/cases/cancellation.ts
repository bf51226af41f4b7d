import assert from "node:assert/strict";
import type { Case } from "./case.ts";

/** What happens to operations that callers cancel while their handlers run. */
export const CANCELLATION: readonly Case[] = [
  {
    name: "an operation is CANCELLED if its handler stops when asked",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.cancel(name);
      await run.stopped();
      run.end({ do: "stop" });
      const { state, error } = await trial.done(name);
      assert.deepEqual([state, error?.code], ["CANCELLED", "CANCELLED"]);
    },
  },
  {
    name: "an operation has succeeded if its handler finishes despite the cancellation",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.cancel(name);
      await run.stopped();
      run.returns("finished");
      const { state, response } = await trial.done(name);
      assert.deepEqual([state, response], ["SUCCEEDED", { value: "finished" }]);
    },
  },
  {
    name: "an operation fails with the handler's own error if the handler fails after the cancellation",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.cancel(name);
      await run.stopped();
      run.fails("DATA_LOSS", "Half of it is gone.");
      const { state, error } = await trial.done(name);
      assert.deepEqual([state, error?.code], ["FAILED", "DATA_LOSS"]);
    },
  },
  {
    name: "a handler is stopped at the next renewal",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.until("renew", 1);
      const since = trial.entries("renew").length;
      await trial.cancel(name);
      await run.stopped();
      const { length } = trial.entries("renew");
      assert.ok(length - since <= 2, `${length - since} renewals until the handler was stopped`);
      run.end({ do: "stop" });
      await trial.done(name);
    },
  },
  {
    name: "a handler that ignores the cancellation keeps its lease",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.cancel(name);
      await run.stopped();
      const { length } = trial.entries("renew");
      await trial.until("renew", length + 4);
      run.returns("late");
      assert.equal((await trial.done(name)).state, "SUCCEEDED");
    },
    own: { slots: 1 },
  },
  {
    name: "a cancellation that arrives with the claim stops the handler at once, or the handler never begins",
    async run(trial) {
      trial.cancelRequested();
      const name = await trial.start();
      const stopped = async (): Promise<void> => {
        const run = await trial.run();
        await run.stopped();
        run.end({ do: "stop" });
      };
      void stopped();
      assert.equal((await trial.done(name)).state, "CANCELLED");
    },
  },
];
