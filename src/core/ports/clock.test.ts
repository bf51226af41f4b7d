import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "./clock.ts";

describe("systemClock", () => {
  it("calls after a delay, unless the call is taken back", async () => {
    let called = 0;
    systemClock.after(0, () => called++).cancel();
    // Unlike the clock's own timers, a referenced handle keeps the process alive.
    const alive = new MessageChannel();
    alive.port1.ref();
    await new Promise<void>((resolve) => void systemClock.after(1, resolve));
    alive.port1.close();
    assert.equal(called, 0);
  });

  it("does not fire at once for delays that setTimeout cannot count", () => {
    const timer = systemClock.after(3_000_000_000, () => assert.fail("fired"));
    timer.cancel();
  });

  it("never goes back", () => {
    const before = systemClock.monotonic();
    assert.ok(systemClock.monotonic() >= before);
    const [earliest, now, latest] = [Date.now(), systemClock.now(), Date.now()];
    assert.ok(earliest <= now && now <= latest);
  });
});
