import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { serviceError } from "../core/error.ts";
import { settled } from "../testing/manual-clock.ts";
import { Batcher } from "./batcher.ts";

/** A batcher whose batches the test answers by hand. */
function byHand(options: { inFlightMax?: number; sizeMax?: number } = {}) {
  const batches: { items: readonly number[]; answer: () => void; refuse: (error: Error) => void }[] = [];
  const batcher = new Batcher<number, string>({
    inFlightMax: options.inFlightMax ?? 1,
    sizeMax: options.sizeMax ?? 100,
    run: (items) =>
      new Promise((resolve, reject) => {
        batches.push({ items, answer: () => resolve(items.map((item) => `answer ${item}`)), refuse: reject });
      }),
  });
  return { batcher, batches };
}

describe("Batcher.add()", () => {
  it("sends a call that finds the store idle at once", async () => {
    const { batcher, batches } = byHand();
    const answer = batcher.add(1);
    await Promise.resolve();
    assert.deepEqual(
      batches.map((batch) => batch.items),
      [[1]],
    );
    batches[0]?.answer();
    assert.equal(await answer, "answer 1");
  });

  it("makes one batch of the calls that arrive while another is under way", async () => {
    const { batcher, batches } = byHand();
    const answers = [batcher.add(1)];
    await settled();
    answers.push(batcher.add(2), batcher.add(3));
    await settled();
    assert.equal(batches.length, 1);
    batches[0]?.answer();
    await settled();
    assert.deepEqual(batches[1]?.items, [2, 3]);
    batches[1]?.answer();
    assert.deepEqual(await Promise.all(answers), ["answer 1", "answer 2", "answer 3"]);
  });

  it("does not answer before the batch that carried the call", async () => {
    const { batcher, batches } = byHand();
    let answered = false;
    void batcher.add(1).then(() => (answered = true));
    await settled();
    assert.equal(answered, false);
    batches[0]?.answer();
    await settled();
    assert.equal(answered, true);
  });

  it("rejects the calls of a batch that fails, and goes on with the next", async () => {
    const { batcher, batches } = byHand();
    const first = assert.rejects(batcher.add(1), /away/);
    await settled();
    const second = batcher.add(2);
    batches[0]?.refuse(new Error("the store is away"));
    await first;
    await settled();
    batches[1]?.answer();
    assert.equal(await second, "answer 2");
  });

  it("tells whoever waits behind a batch that was unavailable the same, and sends nothing of theirs", async () => {
    const { batcher, batches } = byHand();
    const answers = [batcher.add(1)];
    await settled();
    answers.push(batcher.add(2), batcher.add(3));
    batches[0]?.refuse(serviceError("STORE_UNAVAILABLE", "The store is away."));
    const outcomes = await Promise.allSettled(answers);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ["rejected", "rejected", "rejected"],
    );
    const later = batcher.add(4);
    await settled();
    assert.deepEqual(batches[1]?.items, [4]);
    batches[1]?.answer();
    assert.equal(await later, "answer 4");
  });

  it("takes a share of what waits beside a batch that is under way, and all of it where there is none", async () => {
    for (const [inFlightMax, sizes] of [
      [1, [1, 99]],
      [2, [1, 50, 25, 16, 8]],
    ] as const) {
      const { batcher, batches } = byHand({ inFlightMax });
      const answers = [batcher.add(0)];
      await settled();
      for (let item = 1; item < 100; item++) answers.push(batcher.add(item));
      for (let number = 0; number < sizes.length; number++) {
        await settled();
        batches[number]?.answer();
      }
      await Promise.all(answers);
      assert.deepEqual(
        batches.map(({ items }) => items.length),
        sizes,
      );
    }
  });

  it("keeps to its limits and answers everybody in order, whatever the timing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        async (scheduler, inFlightMax, sizeMax) => {
          let inFlight = 0;
          const batcher = new Batcher<number, number>({
            inFlightMax,
            sizeMax,
            run: async (items) => {
              assert.ok(++inFlight <= inFlightMax && items.length <= sizeMax);
              await scheduler.schedule(Promise.resolve());
              inFlight--;
              return items.map((item) => item * 2);
            },
          });
          const answers = Promise.all(Array.from({ length: 20 }, (_, index) => batcher.add(index)));
          await scheduler.waitFor(answers);
          assert.deepEqual(
            await answers,
            Array.from({ length: 20 }, (_, index) => index * 2),
          );
          await batcher.idle();
        },
      ),
      { numRuns: 50 },
    );
  });
});
