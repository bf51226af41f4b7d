import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { ANONYMOUS } from "../core/caller.ts";
import { LIMITS } from "../core/limits.ts";
import { EMPTY } from "../core/operation/payload.ts";
import { anOperation } from "../testing/an-operation.ts";
import { finish, open, request } from "./packing.suite.ts";
import { PollIntervals, pollIntervalMs } from "./poll-intervals.ts";

describe("pollIntervalMs()", () => {
  it("is a second at first, and a twentieth of the age of long operations", () => {
    assert.equal(pollIntervalMs(0, undefined), 1_000);
    assert.equal(pollIntervalMs(60_000, undefined), 3_000);
    assert.equal(pollIntervalMs(86_400_000, undefined), LIMITS.pollIntervalMsMax);
  });

  it("follows the typical duration of the method: short for quick ones, growing to a twentieth for slow ones", () => {
    assert.equal(pollIntervalMs(0, 50), LIMITS.pollIntervalMsMin);
    assert.equal(pollIntervalMs(0, 10_000), 500);
    assert.equal(pollIntervalMs(0, 600_000), 1_000);
    assert.equal(pollIntervalMs(10_000, 600_000), 5_000);
    assert.equal(pollIntervalMs(300_000, 600_000), 30_000);
  });

  it("stays within the limits, and never shrinks with age", () => {
    const span = fc.nat({ max: 1_000_000_000 });
    fc.assert(
      fc.property(span, span, fc.option(span, { nil: undefined }), (age, more, typical) => {
        const interval = pollIntervalMs(age, typical);
        assert.ok(interval >= LIMITS.pollIntervalMsMin && interval <= LIMITS.pollIntervalMsMax);
        assert.ok(pollIntervalMs(age + more, typical) >= interval);
      }),
    );
  });
});

describe("PollIntervals", () => {
  it("learn only from successful operations, the newest with a weight of an eighth", () => {
    const intervals = new PollIntervals(() => running.createTime);
    const running = anOperation({ method: "pack" });
    const ended = (durationMs: number) =>
      anOperation({
        method: "pack",
        endTime: running.createTime + durationMs,
        state: "SUCCEEDED",
        response: EMPTY,
      });
    intervals.learn(running);
    intervals.learn({ ...ended(1), state: "FAILED" });
    assert.equal(intervals.of(running), 1_000);
    intervals.learn(ended(10_000));
    assert.equal(intervals.of(running), 500);
    intervals.learn(ended(18_000));
    assert.equal(intervals.of(running), 550);
    assert.equal(intervals.of(anOperation({ method: "clean" })), 1_000);
  });

  it("ignore a delay: nothing happens before its end, and it is not work", () => {
    const delayed = anOperation({ method: "pack" });
    const operation = { ...delayed, availableTime: delayed.createTime + 20_000 };
    let now = delayed.createTime;
    const intervals = new PollIntervals(() => now);
    assert.equal(intervals.of(operation), 20_000);
    now += 19_900;
    assert.equal(intervals.of(operation), LIMITS.pollIntervalMs);
    const hours = { ...operation, availableTime: now + 3_600_000 };
    assert.equal(intervals.of(hours), LIMITS.pollIntervalMsMax);
    const endTime = operation.availableTime + 10_000;
    intervals.learn({ ...operation, attempt: 1, state: "SUCCEEDED", response: EMPTY, endTime });
    assert.equal(intervals.of(delayed), pollIntervalMs(19_900, 10_000));
  });

  it("are updated by the engine when an operation succeeds", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const first = await operations.start(ANONYMOUS, { method: "pack", request });
    await test.clock.advance(10_000);
    assert.equal(operations.pollIntervalMs(first), 1_000);
    await finish(test, first);
    assert.equal(
      operations.pollIntervalMs(await operations.start(ANONYMOUS, { method: "pack", request })),
      500,
    );
  });
});
