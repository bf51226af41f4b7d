import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { SharedReads } from "./shared-reads.ts";

function shared() {
  const clock = new ManualClock();
  const reads: string[] = [];
  const all = new SharedReads<number>({ clock, freshMs: 1_000, most: 2 });
  const get = (key: string): Promise<number> => all.get(key, async () => reads.push(key));
  return { clock, reads, all, get };
}

describe("SharedReads", () => {
  it("reads once for all callers with the same question at once or soon after", async () => {
    const { clock, reads, get } = shared();
    assert.deepEqual(await Promise.all([get("a"), get("b"), get("a"), get("a")]), [1, 2, 1, 1]);
    await clock.advance(999);
    assert.deepEqual([await get("a"), await get("b")], [1, 2]);
    await clock.advance(1);
    assert.equal(await get("a"), 3);
    assert.deepEqual(reads, ["a", "b", "a"]);
  });

  it("remembers a limited number of questions, the most recent ones", async () => {
    const { reads, get } = shared();
    for (const key of ["a", "b", "a", "c", "a", "b"]) await get(key);
    assert.deepEqual(reads, ["a", "b", "c", "b"]);
  });

  it("reads again after it is told to forget, and does not return an earlier read", async () => {
    const { all, get } = shared();
    const held = Promise.withResolvers<number>();
    const before = all.get("a", () => held.promise);
    all.forget();
    assert.equal(await get("a"), 1);
    held.resolve(7);
    assert.equal(await before, 7);
    assert.equal(await get("a"), 1);
  });

  it("throws an error for the callers that asked, and reads again for the next", async () => {
    const { all, get } = shared();
    await assert.rejects(
      all.get("a", () => Promise.reject(new Error("no"))),
      /no/,
    );
    assert.equal(await get("b"), 1);
  });
});
