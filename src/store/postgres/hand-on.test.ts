import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ManualClock } from "../../testing/manual-clock.ts";
import { HAND_ON_MS, HandOn } from "./hand-on.ts";
import { Homes } from "./homes.ts";
import type { Pending } from "./notices.ts";

type Sent = readonly [home: string, work: Pending];

function handOn(names: readonly string[], own: string, clock = new ManualClock()) {
  const sent: Sent[] = [];
  const homes = new Homes(names.map((name) => ({ name, methods: new Set(["m", "n"]) })));
  const made = new HandOn({
    name: own,
    known: () => homes,
    send: (work, home) => void sent.push([home, work]),
    clock,
  });
  return { made, sent, homes, clock };
}

test("a hint reaches each process that runs the method once, and ends there", () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(names, fc.nat(63), (all, shard) => {
      const first = handOn(all, "").homes.owner("m", shard);
      const told: (string | undefined)[] = [first];
      let left: number | undefined;
      // No process has a free slot.
      for (let at = first; at !== undefined && told.length <= all.length; ) {
        const { made, sent } = handOn(all, at);
        made.hear({ method: "m", availableTime: 7, shards: [shard], left });
        made.handOn("m");
        const [next] = sent;
        at = next?.[0];
        left = next?.[1].left;
        if (at !== undefined) told.push(at);
      }
      assert.equal(told.length, all.length);
      assert.deepEqual(new Set(told), new Set(all));
    }),
  );
});

test("a hint is handed on once, and never without having been received", () => {
  const { made, sent } = handOn(["a", "b"], "a");
  made.handOn("m");
  made.hear({ method: "m", availableTime: 7, shards: [1], left: undefined });
  made.handOn("n");
  assert.equal(sent.length, 0);
  made.handOn("m");
  made.handOn("m");
  assert.equal(sent.length, 1);
});

test("the first hint is handed on at once, and later ones together after a pause", async () => {
  const { made, sent, clock } = handOn(["a", "b"], "a");
  const shardOfB = Array.from({ length: 64 }, (_, shard) => shard)[0] ?? 0;
  const full = (method: string, availableTime: number, shard: number): void => {
    made.hear({ method, availableTime, shards: [shard], left: undefined });
    made.handOn(method);
  };
  full("m", 9, shardOfB);
  assert.equal(sent.length, 1);
  for (let each = 0; each < 10; each++) full("m", 20 - each, each);
  full("n", 5, 3);
  assert.equal(sent.length, 1);
  await clock.advance(HAND_ON_MS - 1);
  assert.equal(sent.length, 1);
  await clock.advance(1);
  assert.deepEqual(
    sent.map(([home]) => home),
    ["b", "b"],
  );
  assert.deepEqual(
    sent[1]?.[1].methods,
    new Map([
      ["m", 11],
      ["n", 5],
    ]),
  );
  assert.deepEqual([...(sent[1]?.[1].shards ?? [])], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await clock.advance(HAND_ON_MS);
  assert.equal(clock.pending, 0, "nothing stands where nothing waits");
});

test("a hint with few steps left does not limit a new one", () => {
  const { made, sent } = handOn(["a", "b", "c"], "a");
  made.hear({ method: "m", availableTime: 7, shards: [1], left: undefined });
  made.hear({ method: "m", availableTime: 8, shards: [1], left: 0 });
  made.handOn("m");
  assert.equal(sent[0]?.[1].left, 1);
});

test("of two hints for one method, the larger number of remaining steps counts", () => {
  for (const lefts of [
    [1, 2],
    [2, 1],
  ]) {
    const { made, sent } = handOn(["a", "b", "c", "d"], "a");
    for (const left of lefts) made.hear({ method: "m", availableTime: 7, shards: [1], left });
    made.handOn("m");
    assert.equal(sent[0]?.[1].left, 1);
  }
});

test("waiting hints are sent at the stop", () => {
  const { made, sent, clock } = handOn(["a", "b"], "a");
  for (const method of ["m", "n"]) {
    made.hear({ method, availableTime: 7, shards: [1], left: undefined });
    made.handOn(method);
  }
  made.stop();
  assert.equal(sent.length, 2);
  assert.equal(clock.pending, 0);
});
