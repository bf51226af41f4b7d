import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { serviceError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import type { WaitingConnection } from "../../core/ports/abort.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { OperationStream, type WatchSink } from "./watch-stream.ts";
import { WatchStreams } from "./watch-streams.ts";

/**
 * A stream whose sink records its messages, and whose caller receives them when the test says so.
 */
function aStream() {
  const clock = new ManualClock();
  const streams = new WatchStreams(clock, seededRandom(1));
  const sent: string[] = [];
  const untaken: (() => void)[] = [];
  const note = (text: string, taken?: () => void): void => {
    sent.push(text);
    if (taken !== undefined) untaken.push(taken);
  };
  const sink: WatchSink = {
    operation: ({ revision }, taken) => note(`${revision}`, taken),
    removed: (name, taken) => note(`removed ${name}`, taken),
    initialEnd: (taken) => note("initial end", taken),
    comment: (taken) => note("comment", taken),
    end: (error) => note(error === undefined ? "end" : `end ${error.code}`),
    cut: () => note("cut"),
  };
  let onAbort: (() => void) | undefined;
  const waiting: WaitingConnection & { isAside: boolean } = {
    connection: {},
    aborted: false,
    isAside: false,
    stepAside: () => void (waiting.isAside = true),
    stepBack: async () => void (waiting.isAside = false),
    addEventListener: (_, listener) => void (onAbort = listener),
    removeEventListener: () => void (onAbort = undefined),
  };
  const left: string[] = [];
  const stream = new OperationStream({ streams, waiting });
  const operation = anOperation();
  return {
    clock,
    streams,
    sent,
    waiting,
    left,
    stream,
    change: (revision: number, endTime: number | null = null) =>
      stream.changed({ ...operation, revision, endTime }),
    open: async () => {
      stream.open(sink, { leave: () => void left.push("left") });
      await settled();
    },
    take: async () => {
      untaken.shift()?.();
      await settled();
    },
    hangUp: () => onAbort?.(),
  };
}

describe("OperationStream", () => {
  it("sends the newest state when the caller has read the one before, and steps aside meanwhile", async () => {
    const test = aStream();
    test.change(1);
    await test.open();
    assert.deepEqual([test.sent, test.waiting.isAside], [["1"], false]);
    for (const revision of [2, 3, 4]) test.change(revision);
    await settled();
    assert.deepEqual(test.sent, ["1"]);
    await test.take();
    assert.deepEqual(test.sent, ["1", "4"]);
    await test.take();
    assert.deepEqual([test.sent, test.waiting.isAside], [["1", "4"], true]);
    test.change(4);
    test.change(5, 1);
    await settled();
    await test.take();
    assert.deepEqual(test.sent.slice(2), ["5", "end"]);
    assert.deepEqual([test.left, test.streams.count, test.clock.pending], [["left"], 0, 0]);
  });

  it("skips what the caller knows", async () => {
    const test = aStream();
    test.change(7);
    test.stream.knows(7);
    await test.open();
    assert.deepEqual(test.sent, []);
    test.change(8);
    await settled();
    assert.deepEqual(test.sent, ["8"]);
    test.hangUp();
    assert.deepEqual([test.sent, test.left], [["8"], ["left"]]);
  });

  it("shows that it is alive after each silence, and ends after half an hour", async () => {
    const test = aStream();
    await test.open();
    await test.clock.advance((LIMITS.watchSilenceMs * 2) / 3 - 1_000);
    assert.deepEqual(test.sent, []);
    await test.clock.advance(LIMITS.watchSilenceMs / 3 + 1_000);
    assert.deepEqual(test.sent, ["comment"]);
    await test.take();
    test.stream.endBy(60_000);
    await test.clock.advance(LIMITS.watchSilenceMs);
    await test.take();
    await test.clock.advance(60_000);
    assert.deepEqual(test.sent, ["comment", "comment", "comment", "end"]);
  });

  it("is disconnected because of unread data, including the last event", async () => {
    const test = aStream();
    test.change(2, 1);
    await test.open();
    await test.clock.advance(LIMITS.watchUndrainedMs);
    assert.deepEqual([test.sent, test.left], [["2", "cut"], ["left"]]);
    test.stream.removed("n");
    test.stream.ended();
    await settled();
    assert.deepEqual(test.sent, ["2", "cut"]);
  });

  it("sends the reason if there is one, at once, and drops what it has not sent", async () => {
    const test = aStream();
    test.change(1);
    await test.open();
    test.change(2);
    test.stream.ended(serviceError("ADMIN_REFUSED", "No."));
    await test.take();
    assert.deepEqual([test.sent, test.left], [["1", "end PERMISSION_DENIED"], ["left"]]);
  });

  it("is over before it begins if the caller has left", async () => {
    const test = aStream();
    Object.assign(test.waiting, { aborted: true });
    test.change(1);
    await test.open();
    assert.deepEqual([test.sent, test.left, test.clock.pending], [["end"], ["left"], 0]);
  });
});
