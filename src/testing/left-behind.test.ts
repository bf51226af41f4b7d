import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { z } from "zod";
import { ANONYMOUS } from "../core/caller.ts";
import { defineMethod } from "../core/method/method.ts";
import { formatName } from "../core/operation/name.ts";
import { Operations } from "../engine/operations.ts";
import { assertNothingLeft, countCalls, countListeners } from "./left-behind.ts";
import { openTestEngine, type TestEngine } from "./test-engine.ts";

const clean = defineMethod({ name: "clean", request: z.object({}), run: () => {} });

const listener = (): void => {};

/** The error of a test that leaves something behind, with the counts; empty for none. */
async function afterTest(body: (opened: TestEngine, name: string) => Promise<unknown>): Promise<string> {
  try {
    await using opened = await openTestEngine([clean]);
    const started = await opened.engine.operations.start(ANONYMOUS, { method: "clean", request: {} });
    await body(opened, formatName(started));
  } catch (error) {
    return String(error);
  }
  return "nothing";
}

suite("a test of the engine fails if it leaves behind", () => {
  test("nothing: it does not", async () => {
    const caller = new AbortController();
    const found = await afterTest(async ({ engine }, name) => {
      await engine.operations.wait(ANONYMOUS, name, { timeoutMs: 0, signal: caller.signal });
      void engine.operations.wait(ANONYMOUS, name, { signal: caller.signal });
    });
    assert.equal(found, "nothing");
  });

  test("a waiter without a caller", async () => {
    const found = await afterTest(async ({ engine }, name) => {
      void Operations.prototype.wait.call(engine.operations, ANONYMOUS, name);
    });
    assert.match(found, /\(waiters that nobody waits for: 1\)/);
  });

  test("the abort listener of a wait that was answered", async () => {
    const { signal } = new AbortController();
    const found = await afterTest(async ({ engine }, name) => {
      await engine.operations.wait(ANONYMOUS, name, { timeoutMs: 0, signal });
      signal.addEventListener("abort", () => {});
    });
    assert.match(found, /\(abort listeners that nobody needs: 1, abort listeners: 1\)/);
  });

  test("a wait without an answer, and listeners and timers of an engine that does not stop", async () => {
    const found = await afterTest(async ({ engine, clock }, name) => {
      void engine.operations.wait(ANONYMOUS, name);
      clock.after(1_000, () => {});
      engine.stop = async () => {};
    });
    const left = "waits without an answer: 1, waiters: 1, listeners of the store: 1, timers: 2";
    assert.match(found, new RegExp(`\\(${left}\\)`));
  });
});

suite("leftovers", () => {
  test("are reported by name and number", () => {
    assertNothingLeft({ slots: 0 });
    assert.throws(() => assertNothingLeft({ slots: 2, timers: 0, waits: 1 }), {
      message: "The test left something behind (slots: 2, waits: 1)",
    });
  });

  test("count once for a listener, however often it is removed", () => {
    const port: { watch(listener: (message: string) => void): () => void } = { watch: () => () => {} };
    const count = countListeners(port);
    const off = port.watch(() => {});
    port.watch(() => {});
    off();
    off();
    assert.equal(count(), 1);
  });

  test("count for each call, answered or failed, and for its signal", async () => {
    const port: { call(given: object): Promise<unknown> } = { call: () => Promise.reject(new Error("no")) };
    const counted = countCalls(port, "call");
    const { signal } = new AbortController();
    const call = assert.rejects(port.call({ signal }));
    signal.addEventListener("abort", listener);
    signal.addEventListener("abort", listener);
    assert.deepEqual([counted.underWay, counted.listeners], [1, 1]);
    signal.removeEventListener("abort", listener);
    await call;
    assert.deepEqual([counted.underWay, counted.listeners], [0, 0]);
  });
});
