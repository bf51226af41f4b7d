import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { StoreClock } from "./store-clock.ts";

const HOUR = 3_600_000;

test("time() is the database's time plus the time since then, whatever the machine's clock says", () => {
  const clock = new StoreClock(systemClock);
  const databaseTime = systemClock.now() + HOUR;
  clock.learn(databaseTime, systemClock.monotonic());
  const ahead = clock.time() - databaseTime;
  assert.ok(ahead >= -1 && ahead < 10_000, String(ahead));
  assert.equal(clock.statementTime(), null, "statements ask the database");
});

test("learn() uses the middle of the round trip, and prefers faster answers", () => {
  const clock = new StoreClock(systemClock);
  const now = systemClock.monotonic();
  // A round trip of two seconds: the database read its clock one second ago.
  clock.learn(HOUR, now - 2_000);
  const slow = clock.time() - HOUR;
  assert.ok(slow >= 999 && slow < 1_000 + 5_000, String(slow));
  clock.learn(2 * HOUR, systemClock.monotonic());
  assert.ok(clock.time() >= 2 * HOUR, "the better answer counts");
  clock.learn(2 * HOUR - 5_000, systemClock.monotonic() - 20_000);
  assert.ok(clock.time() < 2 * HOUR + 3_000, "the worse answer, which may be as true, does not");
});

test("learn() accepts an answer that contradicts the last one, however long it took", () => {
  for (const step of [HOUR, 60_000, 3_000]) {
    const clock = new StoreClock(systemClock);
    clock.learn(HOUR, systemClock.monotonic());
    // The machine slept, or the database's clock was set; the round trip took two seconds.
    clock.learn(HOUR + step, systemClock.monotonic() - 2_000);
    const ahead = clock.time() - (HOUR + step);
    assert.ok(ahead >= 999 && ahead < 6_000, `${step}: ${ahead}`);
  }
});

test("timeBounds() are half a round trip from the estimate, and zero with a test's clock", () => {
  const clock = new StoreClock(systemClock);
  const askedAt = systemClock.monotonic() - 2_000;
  clock.learn(HOUR, askedAt);
  const tripMsMax = systemClock.monotonic() - askedAt;
  const { earliest, latest } = clock.timeBounds();
  // The database may have read its clock at the start of the round trip, or at its end.
  assert.ok(earliest >= HOUR - 2 && earliest < HOUR + 5_000, String(earliest));
  assert.ok(latest >= HOUR + 2_000 && latest < HOUR + 7_000, String(latest));
  const apartMs = latest - earliest;
  assert.ok(apartMs >= 2_000 - 3 && apartMs <= tripMsMax + 3, `${apartMs} of ${tripMsMax}`);
  clock.learn(HOUR - 500, systemClock.monotonic());
  assert.ok(
    clock.timeBounds().latest >= clock.time(),
    "time() does not go back, and is no later than the latest",
  );
  const manual = new ManualClock(HOUR);
  const turned = new StoreClock(manual);
  assert.deepEqual(turned.timeBounds(), { earliest: HOUR, latest: HOUR });
  manual.setWall(0);
  assert.deepEqual(
    turned.timeBounds(),
    { earliest: HOUR, latest: HOUR },
    "statements judge by a time that never goes back",
  );
});

test("time() never goes back when the database's clock turns out to be behind", () => {
  const clock = new StoreClock(systemClock);
  clock.learn(2 * HOUR, systemClock.monotonic() - 2_000);
  const before = clock.time();
  clock.learn(HOUR, systemClock.monotonic());
  assert.equal(clock.time(), before);
});

test("a test's clock is the store's clock, and statements use it", () => {
  const manual = new ManualClock(HOUR);
  const clock = new StoreClock(manual);
  clock.learn(9 * HOUR, 0);
  assert.equal(clock.time(), HOUR);
  manual.setWall(2 * HOUR);
  assert.equal(clock.statementTime(), 2 * HOUR);
  manual.setWall(HOUR);
  assert.equal(clock.time(), 2 * HOUR);
});

test("a clock is the machine's if it says so, and a test's own if it does not", () => {
  const slow = { ...systemClock, now: () => 7 };
  assert.equal(new StoreClock(slow).statementTime(), null);
  assert.equal(new StoreClock({ ...slow, isReal: false }).statementTime(), 7);
});
