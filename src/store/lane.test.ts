import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { serviceError, type StatusError } from "../core/error/error.ts";
import { LIMITS } from "../core/limits.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { byHand, keyOf } from "./lane.suite.ts";
import { Lane } from "./lane.ts";

const away = serviceError("STORE_UNAVAILABLE", "The store is away.");
const locked = new Error("somebody holds the lock");

describe("Lane.add()", () => {
  it("sends an item at once if the lane is idle, and items that arrive meanwhile together", async () => {
    const { lane, batches, sent } = byHand();
    const answers = [lane.add("a")];
    await settled();
    answers.push(lane.add("b"), lane.add("c"));
    await settled();
    assert.deepEqual(sent(), [["a"]]);
    batches[0]?.answer();
    await settled();
    assert.deepEqual(sent(), [["a"], ["b", "c"]]);
    batches[1]?.answer();
    assert.deepEqual(await Promise.all(answers), ["answer a", "answer b", "answer c"]);
  });

  it("sends the items of one turn of the event loop together", async () => {
    const { lane, batches, sent } = byHand();
    const answers = [lane.add("a")];
    // The callers of one turn run one after the other, with microtasks in between.
    for (let step = 0; step < 20; step++) await Promise.resolve();
    answers.push(lane.add("b"));
    await settled();
    assert.deepEqual(sent(), [["a", "b"]]);
    batches[0]?.answer();
    assert.deepEqual(await Promise.all(answers), ["answer a", "answer b"]);
  });

  it("answers no item before its batch", async () => {
    const { lane, batches } = byHand();
    let answered = false;
    void lane.add("a").then(() => (answered = true));
    await settled();
    assert.equal(answered, false);
    batches[0]?.answer();
    await settled();
    assert.equal(answered, true);
  });

  it("gives each item its own answer or its own error", async () => {
    const { lane, batches } = byHand();
    const answers = Promise.allSettled([lane.add("a"), lane.add("b"), lane.add("c")]);
    await settled();
    batches[0]?.answer([{ answer: "A" }, { error: new Error("no b") }, { answer: Promise.resolve("C") }]);
    const [a, b, c] = await answers;
    assert.deepEqual(a, { status: "fulfilled", value: "A" });
    assert.ok(b?.status === "rejected" && b.reason.message === "no b");
    assert.deepEqual(c, { status: "fulfilled", value: "C" });
  });

  it("takes a share of the waiting items beside another batch, and all of them if there is none", async () => {
    for (const [inFlightMax, sizes] of [
      [1, [1, 99]],
      [2, [1, 50, 25, 20, 4]],
    ] as const) {
      const { lane, batches, sent } = byHand({ inFlightMax });
      const answers = [lane.add("0")];
      await settled();
      for (let item = 1; item < 100; item++) answers.push(lane.add(String(item)));
      for (let number = 0; number < sizes.length; number++) {
        await settled();
        batches[number]?.answer();
      }
      await Promise.all(answers);
      assert.deepEqual(
        sent().map(({ length }) => length),
        sizes,
      );
    }
  });

  it("limits a batch in number and in bytes; a larger item goes alone", async () => {
    const { lane, batches, sent } = byHand({
      countMax: () => 3,
      bytesOf: (item) => Number(item) * LIMITS.writeBatchBytesMax,
    });
    const answers = ["0.1", "0.5", "0.5", "0.1", "7", "0.1", "0.1", "0.1", "0.1"].map((item) =>
      lane.add(item),
    );
    for (let number = 0; number < 5; number++) {
      await settled();
      batches[number]?.answer();
    }
    await Promise.all(answers);
    assert.deepEqual(sent(), [["0.1", "0.5"], ["0.5", "0.1"], ["7"], ["0.1", "0.1", "0.1"], ["0.1"]]);
  });

  it("takes exactly as many bytes, and as many items, as there is room for", async () => {
    const { lane, batches, sent } = byHand({ bytesOf: (item) => Number(item) });
    const quarter = String(LIMITS.writeBatchBytesMax / 4);
    const answers = ["0", quarter, quarter, quarter, quarter, quarter, "0"].map((item) => lane.add(item));
    for (let number = 0; number < 2; number++) {
      await settled();
      batches[number]?.answer();
    }
    await Promise.all(answers);
    assert.deepEqual(sent(), [
      ["0", quarter, quarter, quarter, quarter],
      [quarter, "0"],
    ]);
    const many = byHand();
    const waiting = Array.from({ length: LIMITS.writesWaitingMax }, (_, index) =>
      many.lane.add(String(index)),
    );
    let refused: unknown;
    void many.lane.add("one more").catch((error: unknown) => (refused = error));
    await settled();
    assert.equal((refused as StatusError | undefined)?.reason, "STORE_UNAVAILABLE");
    assert.equal(waiting.length, LIMITS.writesWaitingMax);
  });

  it("refuses items when too many bytes wait, and accepts them again afterwards", async () => {
    const { lane, batches } = byHand({ bytesOf: () => LIMITS.writesWaitingBytesMax / 2 });
    const answers = [lane.add("a"), lane.add("b")];
    await assert.rejects(lane.add("c"), { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE" });
    await settled();
    batches[0]?.answer();
    await settled();
    const late = lane.add("d");
    batches[1]?.answer();
    await settled();
    batches[2]?.answer();
    assert.deepEqual(await Promise.all([...answers, late]), ["answer a", "answer b", "answer d"]);
  });

  it("takes at least one item, however large", async () => {
    const { lane, batches } = byHand({ bytesOf: () => LIMITS.writesWaitingBytesMax * 2 });
    const answer = lane.add("a");
    await settled();
    batches[0]?.answer();
    assert.equal(await answer, "answer a");
  });
});

it("Lane.idle() resolves when the last item has been answered, and at once if there is none", async () => {
  const { lane, batches } = byHand({ countMax: () => 1 });
  await lane.idle();
  const answers = [lane.add("a"), lane.add("b")];
  let isIdle = false;
  const idle = lane.idle().then(() => (isIdle = true));
  for (const [number, isOver] of [false, true].entries()) {
    await settled();
    batches[number]?.answer();
    await settled();
    assert.equal(isIdle, isOver);
  }
  await Promise.all([idle, ...answers]);
});

describe("Lane.add() when a batch fails", () => {
  it("fails everything that waits if the store is unavailable, and continues with later items", async () => {
    const { lane, batches, sent } = byHand({ keysOf: keyOf });
    const first = lane.add("k:1");
    await settled();
    const waiting = ["a", "b", "k:2", "k:3"].map((item) => lane.add(item));
    batches[0]?.fail(away);
    const outcomes = await Promise.allSettled([first, ...waiting]);
    assert.ok(outcomes.every((each) => each.status === "rejected" && each.reason === away));
    const later = lane.add("k:4");
    await settled();
    assert.deepEqual(sent(), [["k:1"], ["k:4"]]);
    batches[1]?.answer();
    assert.equal(await later, "answer k:4");
  });

  it("tries each item alone if one may be the cause, while the lane continues", async () => {
    const { lane, batches, sent } = byHand();
    const answers = Promise.allSettled(["a", "b", "c"].map((item) => lane.add(item)));
    await settled();
    batches[0]?.fail(new Error("one of them is wrong"));
    await settled();
    assert.deepEqual(sent(), [["a", "b", "c"], ["a"]]);
    const later = lane.add("d");
    await settled();
    assert.deepEqual(sent().at(-1), ["d"]);
    batches[2]?.answer();
    assert.equal(await later, "answer d");
    batches[1]?.answer();
    await settled();
    batches[3]?.fail(new Error("b is wrong"));
    await settled();
    batches[4]?.answer();
    const [a, b, c] = await answers;
    assert.deepEqual([a?.status, c?.status], ["fulfilled", "fulfilled"]);
    assert.ok(b?.status === "rejected" && b.reason.message === "b is wrong");
  });
});

it("A batch after one of several items waits for more, unless it is full; one after a single item does not wait", async () => {
  const clock = new ManualClock();
  const { lane, batches, sent } = byHand({ clock, gatherMs: () => 2, countMax: () => 3 });
  const add = async (...items: readonly string[]): Promise<void> => {
    for (const item of items) void lane.add(item);
    await clock.advance(0);
  };
  await add("a", "b");
  assert.deepEqual(sent(), [["a", "b"]], "the first waits for nothing");
  batches[0]?.answer();
  await clock.advance(0);
  await add("c");
  await clock.advance(1);
  await add("d");
  assert.equal(sent().length, 1);
  await clock.advance(1);
  assert.deepEqual(sent()[1], ["c", "d"]);
  await add("e", "f", "g");
  batches[1]?.answer();
  await clock.advance(0);
  assert.deepEqual(sent()[2], ["e", "f", "g"], "it is full");
  batches[2]?.answer();
  await add("h");
  await clock.advance(2);
  batches[3]?.answer();
  await clock.advance(0);
  await add("i");
  assert.deepEqual(sent().slice(3), [["h"], ["i"]]);
});

it("Items of one lock, each with a key of its own, are all answered after their batch had to wait", async () => {
  const sent: (readonly string[])[] = [];
  const lane = new Lane<string, string>({
    inFlightMax: 1,
    keysOf: (item) => [item],
    locksOf: () => ["lock"],
    batchVerdictOf: () => "again",
    patience: { clock: new ManualClock(), patienceMs: 1, pause: () => Promise.resolve(), aloneMax: 2 },
    carryOut: (items) => {
      sent.push(items);
      return items.length === 3
        ? Promise.reject(locked)
        : Promise.resolve(items.map((answer) => ({ answer })));
    },
  });
  assert.deepEqual(await Promise.all(["a", "b", "c"].map((item) => lane.add(item))), ["a", "b", "c"]);
  assert.deepEqual(sent, [["a", "b", "c"], ["a"], ["b", "c"]]);
  // Their keys and the lock are free again.
  assert.equal(await lane.add("b"), "b");
});

it("Lane answers every item once and stays within its limits, whatever fails and whenever", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.integer({ min: 1, max: 3 }),
      fc.array(fc.constantFrom("answer", "each", "again", "away", "one"), { maxLength: 30 }),
      async (scheduler, inFlightMax, fates) => {
        let under = 0;
        const keys = new Set<string>();
        const lane = new Lane<string, string>({
          inFlightMax,
          countMax: () => 4,
          keysOf: keyOf,
          locksOf: (item) => [`lock ${item.at(-1)}`],
          batchVerdictOf: (error) => (error === away ? "all" : error === locked ? "again" : "each"),
          patience: { clock: new ManualClock(), patienceMs: 1, pause: () => Promise.resolve(), aloneMax: 2 },
          carryOut: async (items) => {
            under++;
            assert.ok(under <= inFlightMax + 2 && items.length <= 4);
            for (const key of items.flatMap(keyOf)) {
              assert.ok(!keys.has(key), "two of a key at once");
              keys.add(key);
            }
            await scheduler.schedule(Promise.resolve());
            under--;
            for (const key of items.flatMap(keyOf)) keys.delete(key);
            const fate = fates.shift() ?? "answer";
            if (fate === "away") throw away;
            if (fate === "again") throw locked;
            if (fate === "each") throw new Error("bug");
            return items.map((item, index) =>
              fate === "one" && index === 0 ? { error: new Error("its own") } : { answer: item },
            );
          },
        });
        const items = Array.from({ length: 20 }, (_, index) => `${index % 5}:${index}`);
        const answers = Promise.allSettled(items.map((item) => lane.add(item)));
        for (const [index, each] of (await scheduler.waitFor(answers)).entries()) {
          if (each.status === "fulfilled") assert.equal(each.value, items[index]);
          else assert.ok(each.reason instanceof Error && (each.reason as StatusError).message !== "");
        }
        await lane.idle();
      },
    ),
    { numRuns: 200 },
  );
});
