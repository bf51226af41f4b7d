import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { type Timed, WatchStreams } from "./watch-streams.ts";

/** A stream that asks to be checked at this interval. */
function aStream(streams: WatchStreams, everyMs: number, times = Number.POSITIVE_INFINITY) {
  const looks: number[] = [];
  const stream: Timed = {
    tick: undefined,
    look: (now) => {
      looks.push(now);
      if (looks.length <= times) return now + everyMs;
      streams.delete(stream);
      return undefined;
    },
    endBy: () => undefined,
  };
  return { stream, looks };
}

describe("WatchStreams", () => {
  it("checks each stream when it is due, a tenth of a second late at most, with one timer", async () => {
    const clock = new ManualClock();
    const streams = new WatchStreams(clock, seededRandom(1));
    const [quick, slow] = [aStream(streams, 1_500), aStream(streams, 15_000)];
    streams.add(quick.stream);
    streams.add(slow.stream);
    await clock.advance(6_000);
    assert.deepEqual(quick.looks, [0, 1_500, 3_000, 4_500, 6_000]);
    assert.deepEqual(slow.looks, [0]);
    assert.equal(clock.pending, 1);
    streams.hasten(slow.stream, 6_500);
    await clock.advance(1_000);
    assert.deepEqual(slow.looks, [0, 6_500]);
  });

  it("stops ticking when all have ended", async () => {
    const clock = new ManualClock();
    const streams = new WatchStreams(clock, seededRandom(1));
    const [one, other] = [aStream(streams, 1_000, 2), aStream(streams, 5_000)];
    streams.add(one.stream);
    streams.add(other.stream);
    streams.delete(other.stream);
    streams.delete(other.stream);
    streams.hasten(other.stream, 0);
    assert.equal(streams.count, 1);
    await clock.advance(10_000);
    assert.deepEqual([one.looks.length, other.looks.length, streams.count, clock.pending], [3, 1, 0, 0]);
  });

  it("ends streams at different times when the server stops", async () => {
    const clock = new ManualClock();
    const streams = new WatchStreams(clock, seededRandom(1));
    await clock.advance(60_000);
    const { watchStopMsMin, watchStopMsMax } = LIMITS;
    const delays = Array.from({ length: 1_000 }, () => streams.stopTime() - 60_000);
    assert.ok(Math.min(...delays) >= watchStopMsMin && Math.max(...delays) <= watchStopMsMax);
    assert.ok(new Set(delays.map((each) => Math.floor(each / 100))).size > 30);
  });

  it("gives streams that began together different silences, up to the limit", () => {
    const streams = new WatchStreams(new ManualClock(), seededRandom(1));
    const times = Array.from({ length: 1_000 }, () => streams.silenceMs());
    assert.ok(
      Math.max(...times) <= LIMITS.watchSilenceMs && Math.min(...times) >= LIMITS.watchSilenceMs * 0.66,
    );
    assert.ok(new Set(times.map((each) => Math.floor(each / 100))).size > 40);
  });
});
