import assert from "node:assert/strict";
import type { Case } from "./case.ts";

/** How operations end. */

const ALL_OF_JSON = {
  texts: ["", "ä 日本 🎉", '"\\\n\u0000', "x".repeat(2_000)],
  numbers: [0, -1, 1.5, 1e-7, 1e21, 9_007_199_254_740_991, -9_007_199_254_740_991],
  nothing: null,
  flags: [true, false],
  nested: { "": { deep: [[], {}, [null]] } },
};
const SECRET = "the password is swordfish";
const MEBIBYTE = 1_048_576;

export const OUTCOMES: readonly Case[] = [
  {
    name: "a handler's response becomes the operation's response",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.returns({ text: "packed" });
      const { state, response } = await trial.done(name);
      assert.deepEqual([state, response], ["SUCCEEDED", { value: { text: "packed" } }]);
    },
  },
  {
    name: "a handler without a response succeeds",
    async run(trial) {
      const [name, run] = await Promise.all([trial.startSilent(), trial.run()]);
      run.end({ do: "return", response: null });
      assert.equal((await trial.done(name)).state, "SUCCEEDED");
    },
  },
  {
    name: "a request reaches the handler unchanged",
    async run(trial) {
      const { run } = await trial.begin(ALL_OF_JSON);
      assert.deepEqual(run.began.request?.value, ALL_OF_JSON);
      run.returns(null);
    },
  },
  {
    name: "a response reaches callers unchanged",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.returns(ALL_OF_JSON);
      assert.deepEqual((await trial.done(name)).response, { value: ALL_OF_JSON });
    },
  },
  {
    name: "a large request and a large response arrive",
    async run(trial) {
      const text = "ä".repeat(MEBIBYTE / 4);
      const { name, run } = await trial.begin(text);
      assert.equal(run.began.request?.value, text);
      run.returns(text);
      assert.deepEqual((await trial.done(name)).response, { value: text });
    },
  },
  ...[1.5, 5].map(
    (mebibytes): Case => ({
      name: `a response of ${mebibytes} MiB fails the operation, and the worker continues`,
      async run(trial) {
        const { name, run } = await trial.begin();
        const other = await trial.begin();
        const ended = trial.done(name);
        run.returns("x".repeat(mebibytes * MEBIBYTE));
        // A worker that takes this for an error of its handler tries again.
        const again = trial.run().then((next) => next.returns("x".repeat(mebibytes * MEBIBYTE)));
        again
          .then(() => trial.run().then((next) => next.returns("x".repeat(mebibytes * MEBIBYTE))))
          .catch(() => {});
        assert.equal((await ended).state, "FAILED");
        other.run.returns(1);
        assert.equal((await trial.done(other.name)).state, "SUCCEEDED");
      },
    }),
  ),
  {
    name: "a response of the wrong type fails the operation without a retry, and its content is hidden from callers",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.end({ do: "return", response: { wrong: SECRET } });
      const { state, error } = await trial.done(name);
      const attempt = trial.attempt(name);
      assert.deepEqual([state, attempt], ["FAILED", 1]);
      assert.doesNotMatch(JSON.stringify(error), /swordfish/);
    },
  },
  ...(["NOT_FOUND", "INVALID_ARGUMENT", "RESOURCE_EXHAUSTED", "DATA_LOSS"] as const).map(
    (code): Case => ({
      name: `a handler's error ${code} becomes the operation's error`,
      async run(trial) {
        const { name, run } = await trial.begin();
        run.fails(code, "There is no disk „D“.");
        const { state, error } = await trial.done(name);
        const attempt = trial.attempt(name);
        assert.deepEqual(
          [state, error?.code, error?.message, attempt],
          ["FAILED", code, "There is no disk „D“.", 1],
        );
      },
    }),
  ),
  {
    name: "an error without a message fails the operation",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.fails("NOT_FOUND", "");
      const { state, error } = await trial.done(name);
      assert.deepEqual([state, error?.code], ["FAILED", "NOT_FOUND"]);
    },
  },
  {
    name: "an error with a very long message fails the operation",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.fails("NOT_FOUND", "long ".repeat(40_000));
      assert.equal((await trial.done(name)).state, "FAILED");
    },
  },
  {
    name: "a retryable error is followed by another attempt",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.fails("UNAVAILABLE", "The disk is away.", { retry: true });
      const next = await trial.run();
      assert.deepEqual([run.began.attempt, next.began.attempt, next.began.operation], [1, 2, name]);
      next.returns(2);
      assert.deepEqual((await trial.done(name)).response, { value: 2 });
    },
  },
  {
    name: "the error of the last attempt becomes the operation's error",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.fails("UNAVAILABLE", "one", { retry: true });
      (await trial.run()).fails("UNAVAILABLE", "two", { retry: true });
      (await trial.run()).fails("UNAVAILABLE", "three", { retry: true });
      const { state, error } = await trial.done(name);
      const attempt = trial.attempt(name);
      assert.deepEqual([state, error?.message, attempt], ["FAILED", "three", 3]);
    },
  },
  {
    name: "an unexpected exception is followed by another attempt",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.end({ do: "throw", message: SECRET });
      (await trial.run()).returns("mended");
      assert.deepEqual((await trial.done(name)).response, { value: "mended" });
    },
  },
  {
    name: "an exception in every attempt fails the operation, and only operators see its text",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.end({ do: "throw", message: SECRET });
      (await trial.run()).end({ do: "throw", message: SECRET });
      (await trial.run()).end({ do: "throw", message: SECRET });
      const { state, error } = await trial.done(name);
      const attempt = trial.attempt(name);
      assert.deepEqual([state, error?.code, attempt], ["FAILED", "INTERNAL", 3]);
      assert.doesNotMatch(JSON.stringify(error), /swordfish/);
      assert.match(trial.entries("fail").at(-1)?.text ?? "", /"exception":.*swordfish/);
    },
  },
  {
    name: "an exit or panic of a handler ends only its attempt, and frees the slot",
    async run(trial) {
      const { name, run } = await trial.begin();
      run.end({ do: "throw", message: "odd", odd: true });
      (await trial.run()).returns("again");
      assert.equal((await trial.done(name)).state, "SUCCEEDED");
    },
  },
  {
    name: "no outcome is sent for an attempt that the worker has lost",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.place.server.operations.delete(name);
      await run.stopped();
      run.end({ do: "stop" });
      const next = await trial.begin();
      next.run.returns(1);
      await trial.done(next.name);
      assert.deepEqual(trial.entries("fail"), []);
      assert.equal(trial.entries("complete").length, 1);
    },
    own: { slots: 1 },
  },
  {
    name: "an outcome that the server refuses as too late is not repeated",
    async run(trial) {
      const { name, run } = await trial.begin();
      await trial.place.server.operations.delete(name);
      run.returns(1);
      await trial.until("complete", 1);
      const next = await trial.begin();
      next.run.returns(1);
      await trial.done(next.name);
      const late = trial.entries("complete").filter(({ proof }) => proof.name === name);
      assert.equal(late.length, 1);
    },
    own: { slots: 1 },
  },
];
