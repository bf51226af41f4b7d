import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { byHand, keyOf } from "./lane.suite.ts";
import { Lane } from "./lane.ts";

describe("Lane.add() of items with a key", () => {
  it("puts no two items of a key into one batch, nor into two concurrent ones, and keeps their order", async () => {
    const { lane, batches, sent } = byHand({ keysOf: keyOf, inFlightMax: 2 });
    const answers = ["k:1", "k:2", "a", "k:3", "l:1"].map((item) => lane.add(item));
    for (let number = 0; number < 3; number++) {
      await settled();
      batches[number]?.answer();
    }
    await Promise.all(answers);
    assert.deepEqual(sent(), [["k:1", "a", "l:1"], ["k:2"], ["k:3"]]);
  });

  it("takes time in proportion to the number of items of one key", async () => {
    let carriedOut = 0;
    const lane = new Lane<string, string>({
      inFlightMax: 1,
      keysOf: keyOf,
      carryOut: async (items) => {
        carriedOut += items.length;
        return items.map((answer) => ({ answer }));
      },
    });
    await Promise.all(Array.from({ length: 5_000 }, (_, index) => lane.add(`k:${index}`)));
    assert.equal(carriedOut, 5_000);
    await lane.idle();
  });
});

/** A lane on a ManualClock, in which every failure means that a lock is held. */
function locking(aloneMax = 2) {
  const clock = new ManualClock();
  const byKey = byHand({
    locksOf: keyOf,
    batchVerdictOf: () => "again",
    patience: {
      clock,
      patienceMs: 1_000,
      pause: () => new Promise((resolve) => clock.after(100, resolve)),
      aloneMax,
    },
  });
  return { clock, ...byKey };
}

const locked = new Error("somebody holds the lock");

describe("Lane.add() while others hold a lock", () => {
  it("retries the item that needs the lock, and delays only items with the same lock", async () => {
    const { lane, batches, sent, clock } = locking();
    const stuck = lane.add("k:1");
    const other = lane.add("l:1");
    await settled();
    batches[0]?.fail(locked);
    await settled();
    assert.deepEqual(sent().slice(1), [["k:1"], ["l:1"]]);
    batches[1]?.fail(locked);
    batches[2]?.answer();
    assert.equal(await other, "answer l:1");
    const [behind, free] = [lane.add("k:2"), lane.add("m")];
    await settled();
    assert.deepEqual(sent().slice(3), [["m"]]);
    batches[3]?.answer();
    assert.equal(await free, "answer m");
    await clock.advance(100);
    assert.deepEqual(sent().slice(4), [["k:1"]]);
    batches[4]?.answer();
    assert.equal(await stuck, "answer k:1");
    await settled();
    assert.deepEqual(sent().slice(5), [["k:2"]]);
    batches[5]?.answer();
    assert.equal(await behind, "answer k:2");
    await lane.idle();
  });

  it("gives up after its patience, for the item and for those that waited as long behind it", async () => {
    const { lane, batches, clock } = locking();
    const stuck = Promise.allSettled([lane.add("k:1"), lane.add("k:2"), lane.add("k:3")]);
    await settled();
    for (let number = 0; number < 12; number++) {
      batches[number]?.fail(locked);
      await clock.advance(100);
    }
    for (const each of await stuck) assert.equal(each.status, "rejected");
    const later = lane.add("k:4");
    await settled();
    batches.at(-1)?.answer();
    assert.equal(await later, "answer k:4");
  });

  it("tries an item that came late when the one before it gives up", async () => {
    const { lane, batches, sent, clock } = locking();
    const stuck = assert.rejects(lane.add("k:1"), locked);
    await settled();
    let late: Promise<string> | undefined;
    for (let turn = 0; turn < 12; turn++) {
      batches.at(-1)?.fail(locked);
      await clock.advance(100);
      if (turn === 8) late = lane.add("k:2");
    }
    await stuck;
    assert.deepEqual(sent().at(-1), ["k:2"]);
    batches.at(-1)?.answer();
    assert.equal(await late, "answer k:2");
  });

  it("does not let items in a pause keep others from being tried", async () => {
    const { lane, batches, sent } = locking(1);
    const answers = ["k:1", "l:1", "m:1"].map((item) => lane.add(item));
    await settled();
    batches[0]?.fail(locked);
    await settled();
    batches[1]?.fail(locked);
    await settled();
    assert.deepEqual(sent().slice(1), [["k:1"], ["l:1"]]);
    batches[2]?.answer();
    assert.equal(await answers[1], "answer l:1");
  });
});
