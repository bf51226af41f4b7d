import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { Batches, grouped } from "./batches.ts";

/** Batches of texts, whose calls the test answers. */
function batches(send?: (items: readonly string[]) => Promise<readonly string[]>) {
  const sent: (readonly string[])[] = [];
  const gates: PromiseWithResolvers<void>[] = [];
  const made = new Batches<string, string>({
    clock: new ManualClock(),
    textOf: (item) => item.length,
    textMax: 10,
    send: async (items) => {
      sent.push(items);
      if (send !== undefined) return send(items);
      const gate = Promise.withResolvers<void>();
      gates.push(gate);
      await gate.promise;
      return items.map((item) => item.toUpperCase());
    },
  });
  return { made, sent, gates };
}

test("items that are added together are sent in one call, and each gets its own answer", async () => {
  const { made, sent, gates } = batches();
  const answers = Promise.all([made.add("a"), made.add("b")]);
  await settled();
  assert.deepEqual(sent, [["a", "b"]]);
  gates[0]?.resolve();
  assert.deepEqual(await answers, ["A", "B"]);
});

test("the number of concurrent calls is limited; later items are sent together", async () => {
  const { made, sent, gates } = batches();
  const answers: Promise<string>[] = [];
  for (let each = 0; each < LIMITS.outcomeCallsMax + 3; each++) {
    answers.push(made.add(String(each)));
    await settled();
  }
  assert.equal(sent.length, LIMITS.outcomeCallsMax);
  gates[0]?.resolve();
  await settled();
  assert.equal(sent.at(-1)?.length, 3);
  for (const gate of gates) gate.resolve();
  assert.equal((await Promise.all(answers)).length, LIMITS.outcomeCallsMax + 3);
});

test("a call stays within its limits of text and items; a larger item is sent alone", async () => {
  const { made, sent, gates } = batches();
  for (const item of ["aaaaaa", "bbbb", "c", "d".repeat(20), "e"]) void made.add(item);
  await settled();
  assert.deepEqual(
    sent.map((items) => items.map((item) => item[0]).join("")),
    ["ab", "c", "d", "e"],
  );
  for (let each = 0; each < LIMITS.remoteEntriesMax + 1; each++) void made.add("");
  for (const gate of gates) gate.resolve();
  await settled();
  assert.deepEqual(
    sent.slice(4).map(({ length }) => length),
    [LIMITS.remoteEntriesMax, 1],
  );
});

test("a call that is refused as invalid is sent again in halves, until one item is left", async () => {
  const refused = new StatusError("INVALID_ARGUMENT", "bad");
  const { made } = batches(async (items) => {
    if (items.includes("bad")) throw refused;
    return items;
  });
  const answers = await Promise.allSettled(["a", "b", "bad", "c", "d"].map((item) => made.add(item)));
  assert.deepEqual(
    answers.map((each) => (each.status === "fulfilled" ? each.value : each.reason)),
    ["a", "b", refused, "c", "d"],
  );
});

test("a call that fails for another reason fails for all items, and is not repeated", async () => {
  const { made, sent } = batches(() => Promise.reject(new StatusError("UNAVAILABLE", "away")));
  const answers = await Promise.allSettled([made.add("a"), made.add("b")]);
  assert.deepEqual(
    answers.map(({ status }) => status),
    ["rejected", "rejected"],
  );
  assert.equal(sent.length, 1);
});

test("an item without an answer fails alone", async () => {
  const { made } = batches(async ([first = ""]) => [first]);
  const [first, second] = await Promise.allSettled([made.add("a"), made.add("b")]);
  assert.deepEqual([first.status, second.status], ["fulfilled", "rejected"]);
});

test("grouped() makes a call for each group, and answers in the order of the items", async () => {
  const calls: (readonly [number, readonly string[]])[] = [];
  const answers = await grouped(
    ["a", "bb", "c", "dd"],
    ({ length }) => length,
    async (length, some) => {
      calls.push([length, some]);
      return some.slice(0, 1).map((item) => item.toUpperCase());
    },
  );
  assert.deepEqual(calls, [
    [1, ["a", "c"]],
    [2, ["bb", "dd"]],
  ]);
  assert.deepEqual(answers, ["A", "BB", undefined, undefined]);
});
