import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { formatName } from "../../core/operation/name.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { WaitingConnection } from "../../core/ports/abort.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { CollectionStream } from "./collection-stream.ts";
import type { WatchSink } from "./watch-stream.ts";
import { WatchStreams } from "./watch-streams.ts";

const waiting: WaitingConnection = {
  connection: {},
  aborted: false,
  stepAside: () => undefined,
  stepBack: () => Promise.resolve(),
  addEventListener: () => undefined,
  removeEventListener: () => undefined,
};

/** A stream over pages, whose caller receives messages when the test says so. */
async function aStream(pages: (readonly Operation[] | Error)[]) {
  const streams = new WatchStreams(new ManualClock(), seededRandom(1));
  const stream = new CollectionStream({ streams, waiting });
  const sent: string[] = [];
  const untaken: (() => void)[] = [];
  const note = (text: string, taken: () => void): void => {
    sent.push(text);
    untaken.push(taken);
  };
  const sink: WatchSink = {
    operation: ({ id, revision }, taken) => note(`${id.slice(-4)} ${revision}`, taken),
    removed: (name, taken) => note(`gone ${name.slice(-4)}`, taken),
    initialEnd: (taken) => note("initial end", taken),
    comment: (taken) => taken(),
    end: () => void sent.push("end"),
    cut: () => void sent.push("cut"),
  };
  let left = 0;
  stream.begin(async () => {
    const page = pages.shift();
    if (page instanceof Error) throw page;
    return page;
  });
  return {
    streams,
    stream,
    open: async () => {
      stream.open(sink, { leave: () => void left++ });
      await settled();
    },
    /** Everything that is sent until nothing is left. */
    drain: async () => {
      for (let taken = untaken.shift(); taken !== undefined; taken = untaken.shift()) {
        taken();
        await settled();
      }
      return sent.splice(0);
    },
    left: () => left,
  };
}

const tag = ({ id }: Operation): string => id.slice(-4);

describe("CollectionStream", () => {
  it("sends the newest operations, the end of this list, and then the newest change of each", async () => {
    const [one, two, three] = [anOperation(), anOperation(), anOperation()];
    const test = await aStream([[one], [], [two]]);
    await test.open();
    test.stream.changed({ ...two, revision: 1 });
    test.stream.changed({ ...one, revision: 2 });
    test.stream.changed({ ...three, revision: 1 });
    test.stream.changed({ ...three, revision: 2 });
    const initial = [`${tag(one)} 1`, `${tag(two)} 1`, "initial end"];
    assert.deepEqual(await test.drain(), [...initial, `${tag(one)} 2`, `${tag(three)} 2`]);
    test.stream.changed({ ...one, revision: 3 });
    await settled();
    test.stream.removed(formatName(one));
    await settled();
    assert.deepEqual(await test.drain(), [`${tag(one)} 3`, `gone ${tag(one)}`]);
    assert.equal(test.streams.pendingBytes, 0);
  });

  it("ends if the newest operations cannot be read", async () => {
    const test = await aStream([[anOperation()], new Error("away")]);
    await test.open();
    assert.equal((await test.drain()).at(-1), "end");
    assert.deepEqual([test.left(), test.streams.count], [1, 0]);
  });

  it("ends if too much waits, and then counts none of it", async () => {
    const test = await aStream([]);
    await test.open();
    await test.drain();
    test.stream.changed(anOperation());
    await settled();
    const metadata = { type: "t", json: "x".repeat(LIMITS.payloadBytesMax) };
    const most = Math.floor(LIMITS.watchPendingBytesMax / (LIMITS.payloadBytesMax + 1_024));
    for (let count = 0; count < most; count++) test.stream.changed({ ...anOperation(), metadata });
    assert.equal(test.left(), 0);
    test.stream.changed({ ...anOperation(), metadata });
    assert.deepEqual([test.left(), test.streams.pendingBytes], [1, 0]);
  });

  it("shares a limit with all others", async () => {
    const test = await aStream([]);
    await test.open();
    await test.drain();
    test.streams.pendingBytes = LIMITS.watchPendingBytesAllMax;
    test.stream.changed(anOperation());
    assert.deepEqual([test.left(), test.streams.pendingBytes], [1, LIMITS.watchPendingBytesAllMax]);
  });

  it("leaves room for others if it alone does not read", async () => {
    const test = await aStream([]);
    await test.open();
    await test.drain();
    const others = LIMITS.watchPendingBytesAllMax - 16_000_000;
    test.streams.pendingBytes = others;
    const metadata = { type: "t", json: "x".repeat(500_000) };
    test.stream.changed(anOperation());
    await settled();
    for (let count = 0; count < 3; count++) test.stream.changed({ ...anOperation(), metadata });
    assert.equal(test.left(), 0);
    test.stream.changed({ ...anOperation(), metadata });
    assert.deepEqual([test.left(), test.streams.pendingBytes], [1, others]);
  });

  it("counts the newest operations that wait to be sent, and keeps none if there is no room", async () => {
    const metadata = { type: "t", json: "x".repeat(LIMITS.payloadBytesMax) };
    const page = [1, 2, 3].map(() => ({ ...anOperation(), metadata }));
    const test = await aStream([page]);
    await test.open();
    assert.ok(test.streams.pendingBytes >= 2 * LIMITS.payloadBytesMax);
    await test.drain();
    assert.equal(test.streams.pendingBytes, 0);
    const other = await aStream([page]);
    const others = LIMITS.watchPendingBytesAllMax - LIMITS.payloadBytesMax;
    other.streams.pendingBytes = others;
    await other.open();
    assert.deepEqual([other.left(), other.streams.pendingBytes], [1, others]);
  });

  it("keeps nothing of a page that arrives after its end", async () => {
    const page = Promise.withResolvers<readonly Operation[]>();
    const test = await aStream([]);
    test.stream.begin(() => page.promise);
    await test.open();
    test.streams.pendingBytes = LIMITS.watchPendingBytesAllMax;
    test.stream.changed(anOperation());
    page.resolve([anOperation()]);
    await settled();
    assert.deepEqual([test.left(), test.streams.pendingBytes], [1, LIMITS.watchPendingBytesAllMax]);
  });
});
