import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { formatName } from "../core/operation/name.ts";
import type { Operation } from "../core/operation/operation.ts";
import type { Store } from "../core/ports/store.ts";
import { HeldCalls, passing } from "../testing/held-calls.suite.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import type { TestEngine } from "../testing/test-engine.ts";
import { adminOf, operator, rows } from "./admin/operators.suite.ts";
import { finish, open, request } from "./packing.suite.ts";
import { TestPolicy } from "./policy.suite.ts";
import { TimelyAnswers } from "./timely-answers.ts";

const LATE = { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE", message: /did not answer in time/ };
/** A late call is noticed this long after its time, at most. */
const NOTICED_MS = 250;

/** An engine whose store's calls can be held. */
async function openHeld(policy?: TestPolicy) {
  const held = new HeldCalls();
  const names = ["write", "read", "list", "rows", "facts"] as const;
  const around = (store: Store): Store => passing(store, names, held.pass);
  const test = await open({ around, ...(policy === undefined ? {} : { policy }) });
  return { test, held };
}

const WATCHER = { changed: () => {}, removed: () => {}, ended: () => {} };

/** Each use case, with the call of the store that it waits for. */
const CALLS: Readonly<
  Record<string, [string, (test: TestEngine, operation: Operation) => Promise<unknown>]>
> = {
  "a start": ["insert", ({ engine }) => engine.operations.start(ANONYMOUS, { method: "pack", request })],
  "a get": ["read", ({ engine }, known) => engine.operations.get(ANONYMOUS, formatName(known))],
  "a list": ["list", ({ engine }) => engine.operations.list(ANONYMOUS, { parent: "" })],
  "a cancellation": [
    "replace",
    ({ engine }, known) => engine.operations.cancel(ANONYMOUS, formatName(known)),
  ],
  "a deletion": ["remove", ({ engine }, known) => engine.operations.delete(ANONYMOUS, formatName(known))],
  "the first read of a wait": [
    "read",
    async (test, known) => {
      // Nothing is read of an operation that goes on.
      await finish(test, known);
      return test.engine.operations.wait(ANONYMOUS, formatName(known), { timeoutMs: 60_000 });
    },
  ],
  "a wait without time": [
    "read",
    ({ engine }, known) => engine.operations.wait(ANONYMOUS, formatName(known), { timeoutMs: 0 }),
  ],
  "the begin of a watch": [
    "read",
    ({ engine }, known) => engine.operations.watchOperation(ANONYMOUS, formatName(known), WATCHER),
  ],
  "a page of operators": ["rows", ({ engine }) => adminOf(engine).rows(operator(), rows())],
  "an operator's session": ["facts", ({ engine }) => adminOf(engine).session(operator())],
  "an operator's record": [
    "read",
    ({ engine }, known) => adminOf(engine).record(operator(), formatName(known)),
  ],
};

describe("a call that the store does not answer", () => {
  for (const [name, [call, ask]] of Object.entries(CALLS))
    it(`${name} is answered with UNAVAILABLE, before its caller's own timeout`, async () => {
      const { test, held } = await openHeld();
      await using _ = test;
      const known = await test.engine.operations.start(ANONYMOUS, { method: "clean", request });
      const hold = held.hold(call, "call");
      const asked = ask(test, known);
      const lateError = fails(asked);
      await hold.reached;
      await test.clock.advance(LIMITS.answerMsMax - 1);
      assert.equal(lateError(), undefined);
      await test.clock.advance(NOTICED_MS);
      await assert.rejects(asked, LATE);
      hold.go();
      await settled();
      assert.equal(test.engine.operations.watching, 0);
    });
});

/** @returns the error with which a call has failed so far */
function fails(call: Promise<unknown>): () => unknown {
  let error: unknown;
  call.catch((thrown: unknown) => (error = thrown));
  return () => error;
}

describe("TimelyAnswers", () => {
  it("counts a cancellation's read and its write together", async () => {
    const { test, held } = await openHeld();
    await using _ = test;
    const known = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    const [read, write] = [held.hold("read", "answer"), held.hold("replace", "answer")];
    const asked = test.engine.operations.cancel(ANONYMOUS, formatName(known));
    const lateError = fails(asked);
    await read.reached;
    await test.clock.advance(6_000);
    read.go();
    await write.reached;
    await test.clock.advance(LIMITS.answerMsMax - 6_001);
    assert.equal(lateError(), undefined);
    await test.clock.advance(NOTICED_MS);
    await assert.rejects(asked, LATE);
    write.go();
    await settled();
    assert.equal((await test.engine.operations.get(ANONYMOUS, formatName(known))).state, "CANCELLED");
  });

  it("lets an abandoned start take effect, which its repetition finds", async () => {
    const { test, held } = await openHeld();
    await using _ = test;
    const start = (): Promise<Operation> =>
      test.engine.operations.start(ANONYMOUS, { method: "pack", request: { ...request, requestId: "r-1" } });
    const hold = held.hold("insert", "answer");
    const asked = start();
    await hold.reached;
    await Promise.all([assert.rejects(asked, LATE), test.clock.advance(LIMITS.answerMsMax + NOTICED_MS)]);
    hold.go();
    await settled();
    const again = await start();
    const { operations } = await test.engine.operations.list(ANONYMOUS, { parent: "" });
    assert.deepEqual(
      operations.map(({ id }) => id),
      [again.id],
    );
  });

  it("limits the last read of a wait by the end of its timeout", async () => {
    const { test, held } = await openHeld();
    await using _ = test;
    const known = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    // Another process began this one, so that a wait reads it first.
    const theirs = { ...known, id: `${known.id.slice(0, -1)}${known.id.endsWith("0") ? "1" : "0"}` };
    await test.store.write({ verb: "insert", operation: theirs });
    const first = held.hold("read", "answer");
    const asked = test.engine.operations.wait(ANONYMOUS, formatName(theirs), { timeoutMs: 2_000 });
    const lateError = fails(asked);
    await first.reached;
    const last = held.hold("read", "call");
    await test.clock.advance(6_000);
    first.go();
    await last.reached;
    await test.clock.advance(LIMITS.answerMsMax + 2_000 - 6_001);
    assert.equal(lateError(), undefined);
    await test.clock.advance(NOTICED_MS);
    await assert.rejects(asked, LATE);
    last.go();
    await settled();
  });

  it("passes results and errors on, and then has no timer", async () => {
    const clock = new ManualClock();
    const answers = new TimelyAnswers(clock);
    const work = Promise.withResolvers<string>();
    const both = [answers.of(work.promise), answers.of(Promise.resolve(1))];
    await settled();
    assert.equal(clock.pending, 1);
    work.resolve("done");
    assert.deepEqual(await Promise.all(both), ["done", 1]);
    const error = new Error("refused");
    await assert.rejects(answers.of(Promise.reject(error)), error);
    assert.equal(clock.pending, 0);
  });

  it("has no timer once it was stopped, and still passes results on", async () => {
    const clock = new ManualClock();
    const answers = new TimelyAnswers(clock);
    const [first, second] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const before = answers.of(first.promise);
    answers.stop();
    assert.equal(clock.pending, 0);
    first.resolve("done");
    assert.equal(await before, "done");
    const after = answers.of(second.promise);
    assert.equal(clock.pending, 0);
    second.resolve("done, too");
    assert.equal(await after, "done, too");
  });

  it("ignores a late result and a late error", async () => {
    const clock = new ManualClock();
    const answers = new TimelyAnswers(clock);
    const [late, worse] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const both = [answers.of(late.promise, 500), answers.of(worse.promise, 500)];
    const rejected = Promise.all(both.map((each) => assert.rejects(each, LATE)));
    await clock.advance(750);
    await rejected;
    late.resolve();
    worse.reject(new Error("too late"));
    await settled();
    assert.equal(clock.pending, 0);
  });

  it("reads the answers that arrived while the process stood still", async () => {
    let now = 0;
    const timers: (() => void)[] = [];
    const after = (_: number, callback: () => void) => {
      timers.push(callback);
      return { cancel: () => {} };
    };
    const check = (): void => timers.shift()?.();
    const answers = new TimelyAnswers({ monotonic: () => now, after });
    const [arrived, lost] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
    const [first, second] = [answers.of(arrived.promise), answers.of(lost.promise)];
    now = 60_000;
    check();
    arrived.resolve("done");
    assert.equal(await first, "done");
    const rejected = assert.rejects(second, LATE);
    check();
    await rejected;
  });

  it("has the audit record the late call as its caller sees it", async () => {
    const policy = new TestPolicy();
    const { test, held } = await openHeld(policy);
    await using _ = test;
    const known = await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    const hold = held.hold("read", "call");
    const asked = test.engine.operations.get(ANONYMOUS, formatName(known));
    await hold.reached;
    await Promise.all([assert.rejects(asked, LATE), test.clock.advance(LIMITS.answerMsMax + NOTICED_MS)]);
    assert.equal(policy.taken("audit").at(-1), `get ${formatName(known)} UNAVAILABLE`);
    hold.go();
    await settled();
  });
});
