import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import type { Change } from "../core/store.ts";
import { type Ticket, Waiters } from "./waiters.ts";

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
  it("lets go of a waiter when its operation ends or is removed, and of no other", async () => {
    const waiters = new Waiters({ clock: new ManualClock() });
    const [a, b, c] = [waiters.enter("a", 1_000), waiters.enter("b", 1_000), waiters.enter("c", 1_000)];
    waiters.notice([change("a", "SUCCEEDED"), change("b", "RUNNING"), change("c", null)]);
    assert.deepEqual([await isReleased(a), await isReleased(b), await isReleased(c)], [true, false, true]);
    assert.equal(waiters.count, 1);
  });

  it("says whether it was told of an end, or there is nothing more to wait for", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ clock });
    const caller = new AbortController();
    const tickets = [
      waiters.enter("told", 1_000),
      waiters.enter("late", 100),
      waiters.enter("hung up", 1_000, caller.signal),
      waiters.enter("stopped", 1_000),
      waiters.enter("at once", 0),
    ];
    waiters.notice([change("told", "SUCCEEDED")]);
    await clock.advance(100);
    caller.abort();
    waiters.stop();
    tickets.push(waiters.enter("after the stop", 1_000));
    assert.deepEqual(await Promise.all(tickets.map(({ released }) => released)), [
      "told",
      ...Array.from({ length: 5 }, () => "over"),
    ]);
  });

  it("lets go at the timeout, never late and at most one bucket early", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ clock });
    const ticket = waiters.enter("a", 1_234);
    await clock.advance(1_220);
    assert.equal(await isReleased(ticket), false);
    await clock.advance(14);
    assert.equal(await isReleased(ticket), true);
    assert.equal(waiters.count, 0);
  });

  it("has one timer for all of them, and none when nobody waits", async () => {
    const clock = new ManualClock();
    const waiters = new Waiters({ clock });
    const tickets = Array.from({ length: 1_000 }, (_, index) => waiters.enter(`${index}`, 100 + index * 7));
    assert.equal(clock.pending, 1);
    await clock.advance(100 + 500 * 7);
    assert.equal(clock.pending, 1);
    // The 501 whose time has come, and the one that shares their bucket.
    assert.equal(waiters.count, 498);
    for (const ticket of tickets) ticket.leave();
    assert.equal(waiters.count, 0);
    assert.equal(clock.pending, 0);
  });

  it("forgets a caller that hangs up at once", async () => {
    const waiters = new Waiters({ clock: new ManualClock() });
    const caller = new AbortController();
    const ticket = waiters.enter("a", 1_000, caller.signal);
    caller.abort();
    assert.equal(waiters.count, 0);
    assert.equal(await isReleased(ticket), true);
  });

  it("lets go of everybody on stop, and does not hold who comes after", async () => {
    const waiters = new Waiters({ clock: new ManualClock() });
    const before = waiters.enter("a", 1_000);
    waiters.stop();
    assert.equal(await isReleased(before), true);
    assert.equal(await isReleased(waiters.enter("b", 1_000)), true);
    assert.equal(waiters.count, 0);
  });

  it("refuses one more than there is room for", () => {
    const waiters = new Waiters({ clock: new ManualClock(), max: 1 });
    waiters.enter("a", 1_000);
    assert.throws(() => waiters.enter("b", 1_000), {
      reason: "TOO_MANY_WAITERS",
      code: "RESOURCE_EXHAUSTED",
    });
  });
});
