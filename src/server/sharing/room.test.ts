import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { tooManyBodies } from "./body-room.ts";
import { Hold, Room } from "./room.ts";

const [MIB, SMALL] = [1_048_576, LIMITS.smallBodyBytesMax];

suite("Room", () => {
  const clock = new ManualClock();

  test("lets bodies wait in order until there is room, except small ones", async () => {
    const room = new Room(clock, 2 * MIB, tooManyBodies);
    const holds = Array.from({ length: 5 }, () => new Hold(room));
    const begun: number[] = [];
    for (const [index, bytes] of [MIB, MIB, 2 * MIB, SMALL + 1, SMALL].entries()) {
      const turn = holds[index]?.take(bytes);
      if (turn === undefined) begun.push(index);
      else void turn.then(() => begun.push(index));
    }
    assert.deepEqual([begun, room.waiting], [[0, 1, 4], 2]);
    holds[0]?.end();
    await clock.advance(0);
    // There is room for the fourth, but the third came before it.
    assert.deepEqual([begun, room.waiting], [[0, 1, 4], 2]);
    holds[1]?.end();
    await clock.advance(0);
    assert.deepEqual([begun, room.waiting], [[0, 1, 4, 2], 1]);
    holds[2]?.end();
    await clock.advance(0);
    assert.deepEqual(begun, [0, 1, 4, 2, 3]);
    for (const hold of holds) hold.end();
    assert.deepEqual([room.isIdle, clock.pending], [true, 0]);
  });

  test("refuses a body that has waited too long, and continues with the next", async () => {
    const room = new Room(clock, 2 * MIB, tooManyBodies);
    const [first, large, small] = [new Hold(room), new Hold(room), new Hold(room)];
    assert.equal(first.take(MIB), undefined);
    const refused = assert.rejects(large.take(2 * MIB) ?? assert.fail(), {
      code: "UNAVAILABLE",
      reason: "TOO_MANY_BODIES",
    });
    await clock.advance(1);
    const turn = small.take(MIB);
    assert.notEqual(turn, undefined);
    await clock.advance(LIMITS.bodyRoomWaitMs - 1);
    await refused;
    await turn;
    for (const hold of [first, large, small]) hold.end();
    assert.equal(room.isIdle, true);
  });

  test("forgets a body whose call ends while it waits", async () => {
    const room = new Room(clock, MIB, tooManyBodies);
    const [first, gone, last] = [new Hold(room), new Hold(room), new Hold(room)];
    assert.equal(first.take(SMALL + 1), undefined);
    const refused = assert.rejects(gone.take(MIB) ?? assert.fail(), { reason: "CALLER_GONE" });
    const turn = last.take(SMALL + 1);
    gone.end();
    await refused;
    await turn;
    first.end();
    last.end();
    assert.deepEqual([room.isIdle, clock.pending], [true, 0]);
  });

  test("returns the surplus when the length is known, and everything for a small body", () => {
    const room = new Room(clock, 2 * MIB, tooManyBodies);
    const [first, second, third] = [new Hold(room), new Hold(room), new Hold(room)];
    assert.equal(first.take(2 * MIB), undefined);
    first.keep(MIB);
    // A longer length than announced takes nothing more.
    first.keep(3 * MIB);
    assert.equal(second.take(MIB), undefined);
    second.keep(SMALL);
    assert.equal(third.take(MIB), undefined);
    for (const hold of [first, second, third]) hold.end();
    assert.equal(room.isIdle, true);
  });

  test("gives a body that is larger than all room the whole of it", async () => {
    const room = new Room(clock, MIB, tooManyBodies);
    const [first, huge, last] = [new Hold(room), new Hold(room), new Hold(room)];
    assert.equal(first.take(MIB), undefined);
    const turn = huge.take(3 * MIB);
    first.end();
    await turn;
    assert.notEqual(last.take(SMALL + 1), undefined);
    huge.end();
    last.end();
    assert.equal(room.isIdle, true);
  });
});

test("reserves no room for an invalid length", () => {
  const room = new Room(new ManualClock(), MIB, tooManyBodies);
  assert.equal(new Hold(room).take(Number.NaN), undefined);
  assert.equal(room.isIdle, true);
});
