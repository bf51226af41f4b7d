import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "../../testing/manual-clock.ts";
import { SharedRead } from "./shared-read.ts";

function shared() {
  const clock = new ManualClock();
  const reads: PromiseWithResolvers<string>[] = [];
  const read = new SharedRead(
    () => {
      const held = Promise.withResolvers<string>();
      reads.push(held);
      return held.promise;
    },
    clock,
    { freshMs: 2_000, staleMs: 10_000 },
  );
  return { clock, reads, read };
}

describe("SharedRead", () => {
  it("reads once for all who ask at once, and for those who come soon", async () => {
    const { clock, reads, read } = shared();
    const asked = Array.from({ length: 20 }, () => read.get());
    reads[0]?.resolve("first");
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ value }) => value)), new Set(["first"]));
    await clock.advance(1_999);
    assert.deepEqual(await read.get(), { value: "first", stale: false });
    assert.equal(reads.length, 1);
    await clock.advance(1);
    const later = read.get();
    reads[1]?.resolve("second");
    assert.deepEqual(await later, { value: "second", stale: false });
  });

  it("gives the last answer for a while where a read fails, and says that it is old", async () => {
    const { clock, reads, read } = shared();
    const first = read.get();
    reads[0]?.resolve("first");
    await first;
    await clock.advance(5_000);
    const failing = read.get();
    reads[1]?.reject(new Error("away"));
    assert.deepEqual(await failing, { value: "first", stale: true });
    await clock.advance(5_000);
    const late = read.get();
    reads[2]?.reject(new Error("still away"));
    await assert.rejects(late, /still away/);
  });

  it("reads anew once it is told to forget", async () => {
    const { reads, read } = shared();
    const first = read.get();
    reads[0]?.resolve("first");
    await first;
    read.forget();
    const second = read.get();
    reads[1]?.resolve("second");
    assert.equal((await second).value, "second");
  });
});
