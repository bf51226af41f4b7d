import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import type { Change } from "../../core/ports/store.ts";
import { silence } from "../../core/events.ts";
import { type Ticket, Waiters } from "./waiters.ts";
import { Seats } from "./seats.ts";

function change(id: string, state: Change["state"]): Change {
  return { id, method: "m", state, availableTime: 0, cancelRequested: false };
}

async function isReleased(ticket: Ticket): Promise<boolean> {
  let released = false;
  void ticket.released.then(() => (released = true));
  await settled();
  return released;
}

describe("Waiters", () => {
  it("releases a waiter when its operation ends or is removed, and no other waiter", async () => {
    const waiters = new Waiters({ tell: silence, clock: new ManualClock() });
    const [a, b, c] = [waiters.enter("a", 1_000), waiters.enter("b", 1_000), waiters.enter("c", 1_000)];
    waiters.notice([change("a", "SUCCEEDED"), change("b", "RUNNING"), change("c", null)]);
    assert.deepEqual([await isReleased(a), await isReleased(b), await isReleased(c)], [true, false, true]);
    assert.equal(waiters.count, 1);
  });

  it("says whether it was told of an end, or there is nothing more to wait for", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ tell: silence, clock });
    const caller = new AbortController();
    const tickets = [
      waiters.enter("told", 1_000),
      waiters.enter("late", 100),
      waiters.enter("hung up", 1_000, { signal: caller.signal }),
      waiters.enter("stopped", 1_000),
      waiters.enter("at once", 0),
    ];
    waiters.notice([change("told", "SUCCEEDED")]);
    await clock.advance(100);
    caller.abort();
    waiters.stop();
    tickets.push(waiters.enter("after the stop", 1_000));
    const releases = await Promise.all(tickets.map(({ released }) => released));
    assert.deepEqual(
      releases.map(({ how }) => how),
      ["told", ...Array.from({ length: 5 }, () => "over")],
    );
  });

  it("releases at the timeout, never late and at most one bucket early", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ tell: silence, clock });
    const ticket = waiters.enter("a", 1_234);
    await clock.advance(1_220);
    assert.equal(await isReleased(ticket), false);
    await clock.advance(14);
    assert.equal(await isReleased(ticket), true);
    assert.equal(waiters.count, 0);
  });

  it("has one timer for all waiters, and none without waiters", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ tell: silence, clock });
    const tickets = Array.from({ length: 1_000 }, (_, index) => waiters.enter(`${index}`, 100 + index * 7));
    assert.equal(clock.pending, 1);
    await clock.advance(100 + 500 * 7);
    assert.equal(clock.pending, 1);
    // The 501 that are due, and one that shares their bucket.
    assert.equal(waiters.count, 498);
    for (const ticket of tickets) ticket.leave();
    assert.equal(waiters.count, 0);
    assert.equal(clock.pending, 0);
  });

  it("forgets a caller that hangs up at once", async () => {
    const waiters = new Waiters({ tell: silence, clock: new ManualClock() });
    const caller = new AbortController();
    const ticket = waiters.enter("a", 1_000, { signal: caller.signal });
    caller.abort();
    assert.equal(waiters.count, 0);
    assert.equal(await isReleased(ticket), true);
  });

  it("releases all waiters on stop, and holds no later ones", async () => {
    const waiters = new Waiters({ tell: silence, clock: new ManualClock() });
    const before = waiters.enter("a", 1_000);
    waiters.stop();
    assert.equal(await isReleased(before), true);
    assert.equal(await isReleased(waiters.enter("b", 1_000)), true);
    assert.equal(waiters.count, 0);
  });

  it("refuses a waiter beyond the limit", () => {
    const waiters = new Waiters({ tell: silence, clock: new ManualClock(), seats: new Seats(1) });
    waiters.enter("a", 1_000);
    assert.throws(() => waiters.enter("b", 1_000), {
      reason: "TOO_MANY_WAITERS",
      code: "RESOURCE_EXHAUSTED",
    });
  });
});

/** Adds waiters over a connection until there is no room. @returns their number */
function fill(waiters: Waiters, connection: object): number {
  let count = 0;
  for (; waiters.hasRoomFor(connection); count++) waiters.enter("a", 1_000, { connection });
  return count;
}

describe("Waiters of connections", () => {
  it("allows one connection thousands of waiters, and keeps seats for others", () => {
    const waiters = new Waiters({ tell: silence, clock: new ManualClock() });
    const alone = {};
    assert.equal(fill(waiters, alone), 11_112);
    assert.throws(() => waiters.enter("a", 1_000, { connection: alone }), {
      reason: "TOO_MANY_WAITERS",
      message: /11112 of 100000 places .*, 11112 of them over this connection; poll/,
    });
    for (let count = 0; count < 20; count++) fill(waiters, {});
    assert.ok(waiters.count < 100_000 - 5_000);
    const modest = {};
    for (let count = 0; count < 500; count++) waiters.enter("a", 1_000, { connection: modest });
    waiters.stop();
  });

  it("returns the seats of a connection, however its waits end", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ tell: silence, clock, seats: new Seats(10) });
    const connection = {};
    const [left, told, late] = [
      waiters.enter("left", 1_000, { connection }),
      waiters.enter("told", 1_000),
      waiters.enter("late", 1_000),
    ];
    assert.equal(waiters.hasRoomFor(connection), false);
    left.leave();
    left.leave();
    assert.equal(waiters.hasRoomFor(connection), true);
    told.leave();
    await clock.advance(1_000);
    await late.released;
    assert.equal(waiters.count, 0);
    waiters.enter("again", 10, { connection });
    await clock.advance(10);
    assert.equal(waiters.hasRoomFor(connection), true);
  });
});
