import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock } from "../testing/manual-clock.ts";
import { StatusError } from "./error/error.ts";
import { SharedRead } from "./shared-read.ts";

const AWAY = new StatusError("UNAVAILABLE", "away");

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
  const answered = async (value: string): Promise<unknown> => {
    const asked = read.get();
    reads.at(-1)?.resolve(value);
    return await asked;
  };
  const failing = async (error: Error): Promise<unknown> => {
    const asked = read.get();
    reads.at(-1)?.reject(error);
    return await asked;
  };
  return { clock, reads, read, answered, failing };
}

describe("SharedRead", () => {
  it("reads once for all concurrent callers, and for callers soon after", async () => {
    const { clock, reads, read, answered } = shared();
    const asked = Array.from({ length: 20 }, () => read.get());
    reads[0]?.resolve("first");
    assert.deepEqual(new Set((await Promise.all(asked)).map(({ value }) => value)), new Set(["first"]));
    await clock.advance(1_999);
    assert.deepEqual(await read.get(), { value: "first", failure: undefined });
    assert.equal(reads.length, 1);
    await clock.advance(1);
    assert.deepEqual(await answered("second"), { value: "second", failure: undefined });
  });

  it("counts its age from the question, and is shared for as long as the answer takes", async () => {
    const { clock, reads, read } = shared();
    const slow = read.get();
    await clock.advance(5_000);
    const late = read.get();
    reads[0]?.resolve("first");
    assert.deepEqual([(await slow).value, (await late).value, reads.length], ["first", "first", 1]);
    void read.get();
    assert.equal(reads.length, 2, "it was asked for five seconds ago");
  });

  it("returns the last answer for a while if the store is unavailable, and does not ask more often", async () => {
    const { clock, reads, read, answered, failing } = shared();
    await answered("first");
    await clock.advance(8_000);
    assert.deepEqual(await failing(AWAY), { value: "first", failure: AWAY });
    await clock.advance(1_999);
    assert.deepEqual(await read.get(), { value: "first", failure: AWAY });
    assert.equal(reads.length, 2);
    await clock.advance(1);
    assert.deepEqual(await failing(AWAY), { value: "first", failure: AWAY }, "ten seconds is not too old");
    await clock.advance(2_000);
    await assert.rejects(failing(AWAY), AWAY);
    await assert.rejects(read.get(), AWAY);
    assert.equal(reads.length, 4);
    await clock.advance(2_000);
    assert.deepEqual(await answered("second"), { value: "second", failure: undefined });
  });

  it("throws any other error, and reads again for the next caller", async () => {
    const { clock, answered, failing } = shared();
    await answered("first");
    await clock.advance(2_000);
    await assert.rejects(failing(new Error("a bug")), /a bug/);
    await assert.rejects(failing(new StatusError("RESOURCE_EXHAUSTED", "too many")), /too many/);
    assert.deepEqual(await answered("second"), { value: "second", failure: undefined });
  });

  it("reads again after it is told to forget, and drops a read in progress", async () => {
    const { clock, reads, read, answered } = shared();
    const old = read.get();
    read.forget();
    const second = read.get();
    reads[1]?.resolve("second");
    await second;
    reads[0]?.resolve("first");
    assert.equal((await old).value, "first");
    assert.equal((await read.get()).value, "second");
    await clock.advance(2_000);
    const away = read.get();
    reads[2]?.reject(AWAY);
    assert.deepEqual(await away, { value: "second", failure: AWAY });
    read.forget();
    const failed = read.get();
    reads[3]?.reject(AWAY);
    await assert.rejects(failed, AWAY);
    read.forget();
    assert.deepEqual(await answered("third"), { value: "third", failure: undefined });
  });

  it("drops a read in progress when it is told to forget, even if nobody has asked since", async () => {
    const { reads, read, failing } = shared();
    const old = read.get();
    read.forget();
    reads[0]?.resolve("first");
    await old;
    await assert.rejects(failing(AWAY), AWAY);
  });
});
