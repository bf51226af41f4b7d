import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { StoreCheck } from "./store-check.ts";

/** A store that answers when the test says so. */
function aStore(): { ask: () => Promise<void>; asked: () => number; settle: (error?: Error) => void } {
  const questions: PromiseWithResolvers<void>[] = [];
  return {
    ask: () => {
      const question = Promise.withResolvers<void>();
      questions.push(question);
      return question.promise;
    },
    asked: () => questions.length,
    settle: (error) => {
      const question = questions.at(-1) ?? assert.fail("nobody asked");
      if (error === undefined) question.resolve();
      else question.reject(error);
    },
  };
}

describe("StoreCheck", () => {
  it("queries once a second, however many probes ask, and gives all the same answer", async () => {
    const clock = new ManualClock();
    let asked = 0;
    const check = new StoreCheck(async () => void asked++, clock);
    const verdicts: (string | undefined)[] = [];
    for (let step = 0; step < 3_000; step++) {
      verdicts.push(await check.failure());
      await clock.advance(1);
    }
    assert.equal(asked, 3);
    assert.deepEqual(new Set(verdicts), new Set([undefined]));
  });

  it("returns the reason without the store's text, and queries again a second later", async () => {
    const clock = new ManualClock();
    const store = aStore();
    const check = new StoreCheck(store.ask, clock);
    const refused = check.failure();
    store.settle(new Error("postgres://ada:secret@db.internal/operations is away"));
    assert.equal(await refused, "it cannot be used now");
    await clock.advance(LIMITS.storeCheckMs - 1);
    assert.equal(await check.failure(), "it cannot be used now");
    assert.equal(store.asked(), 1);
    await clock.advance(1);
    const answered = check.failure();
    store.settle();
    assert.equal(await answered, undefined);
  });

  it("waits no longer than its limit, and sends no further query to a silent store", async () => {
    const clock = new ManualClock();
    const store = aStore();
    const check = new StoreCheck(store.ask, clock);
    const late = check.failure();
    await clock.advance(LIMITS.storeCheckAnswerMs);
    assert.match((await late) ?? "", /did not answer within 0\.8s/);
    await clock.advance(60_000);
    assert.match((await check.failure()) ?? "", /did not answer/);
    assert.equal(store.asked(), 1);
    store.settle();
    await clock.advance(0);
    const now = check.failure();
    assert.equal(store.asked(), 2);
    store.settle();
    assert.equal(await now, undefined);
  });
});
