import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { type Payload, STRUCT } from "../core/operation/payload.ts";
import { ManualClock, settled } from "../testing/manual-clock.ts";
import { Reporter } from "./reporter.ts";

function payload(percent: number): Payload {
  return { type: STRUCT, json: JSON.stringify({ percent }) };
}

/** A reporter whose writes the test answers. */
interface TestReporter {
  readonly clock: ManualClock;
  readonly reporter: Reporter;
  readonly written: string[];
  answer: () => Promise<void>;
}

function openReporter(): TestReporter {
  const clock = new ManualClock();
  const opened: TestReporter = {
    clock,
    written: [],
    answer: () => Promise.resolve(),
    reporter: new Reporter({
      clock,
      write: (metadata) => {
        opened.written.push(metadata.json);
        return opened.answer();
      },
    }),
  };
  return opened;
}

suite("Reporter", () => {
  test("the first report is sent at once, later ones at the interval, and the newest wins", async () => {
    const { clock, reporter, written } = openReporter();
    for (let percent = 0; percent < 100_000; percent++) reporter.push(payload(percent));
    assert.deepEqual(written, ['{"percent":0}']);
    assert.equal(clock.pending, 0);
    await clock.advance(LIMITS.reportIntervalMs - 1);
    for (let each = 0; each < 3; each++) reporter.push(payload(99_999));
    assert.deepEqual([written.length, clock.pending], [1, 1]);
    await clock.advance(1);
    assert.deepEqual(written, ['{"percent":0}', '{"percent":99999}']);
    await clock.advance(10_000);
    assert.deepEqual([written.length, clock.pending], [2, 0]);
    reporter.push(payload(7));
    assert.equal(written.length, 3);
  });

  test("one write runs at a time, however long it takes", async () => {
    const opened = openReporter();
    const { clock, reporter, written } = opened;
    const slow = Promise.withResolvers<void>();
    opened.answer = () => slow.promise;
    reporter.push(payload(1));
    reporter.push(payload(2));
    await clock.advance(60_000);
    assert.equal(written.length, 1);
    slow.resolve();
    await settled();
    assert.equal(written.length, 2);
  });

  test("a failed write is retried at the interval, unless something newer came", async () => {
    const opened = openReporter();
    const { clock, reporter, written } = opened;
    opened.answer = () => Promise.reject(new Error("away"));
    reporter.push(payload(1));
    await clock.advance(LIMITS.reportIntervalMs);
    assert.deepEqual(written, ['{"percent":1}', '{"percent":1}']);
    reporter.push(payload(2));
    opened.answer = () => Promise.resolve();
    await clock.advance(LIMITS.reportIntervalMs);
    assert.equal(written.at(-1), '{"percent":2}');
    assert.equal(await reporter.close(), null);
  });

  test("close() waits for the current write and returns what was not written", async () => {
    const opened = openReporter();
    const { clock, reporter, written } = opened;
    const slow = Promise.withResolvers<void>();
    opened.answer = () => slow.promise;
    reporter.push(payload(1));
    reporter.push(payload(2));
    const closed = reporter.close();
    slow.resolve();
    assert.deepEqual(await closed, payload(2));
    reporter.push(payload(3));
    await clock.advance(10_000);
    assert.deepEqual([written.length, clock.pending], [1, 0]);
  });
});
