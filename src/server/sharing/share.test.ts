import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { type ConnectionKind, Share } from "./share.ts";
import { Turns } from "./turns.ts";

/** An answer. It counts as sent when it is closed. */
class Answer extends EventEmitter {
  writableLength = 0;

  close(): void {
    this.emit("close");
  }
}

/** The readable side of a connection, paused or flowing like a socket. */
class Read extends EventEmitter {
  isPaused = false;

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.emit("resume");
  }
}

function aShare(kind: Partial<ConnectionKind> = {}): Share {
  return new Share(new Turns(new ManualClock()), { callsMax: 2, isOrdered: false, ...kind });
}

/** Begins calls, and counts those that have started. */
function calls(
  share: Share,
  count: number,
): { readonly answers: readonly Answer[]; readonly begun: Answer[] } {
  const answers = Array.from({ length: count }, () => new Answer());
  const begun: Answer[] = [];
  for (const answer of answers) share.begin(answer, () => begun.push(answer));
  return { answers, begun };
}

suite("Share", () => {
  test("begins as many calls as the limit, and the next when an answer was sent", async () => {
    const { answers, begun } = calls(aShare(), 4);
    await settled();
    assert.deepEqual(begun, answers.slice(0, 2));
    answers[0]?.close();
    await settled();
    assert.deepEqual(begun, answers.slice(0, 3));
  });

  test("begins nothing while too many bytes are unsent, however few calls they belong to", async () => {
    const share = aShare();
    const [first] = calls(share, 1).answers;
    assert.ok(first);
    first.writableLength = LIMITS.connectionUnsentBytesMax;
    const { begun } = calls(share, 1);
    await settled();
    assert.equal(begun.length, 0);
    first.close();
    await settled();
    assert.equal(begun.length, 1);
  });

  test("is not read from while calls wait, even if other code resumes it", async () => {
    const inlet = new Read();
    const { answers, begun } = calls(aShare({ inlet }), 3);
    assert.equal(inlet.isPaused, true);
    inlet.resume();
    assert.equal(inlet.isPaused, true);
    answers[0]?.close();
    await settled();
    assert.deepEqual([begun.length, inlet.isPaused], [3, false]);
  });

  test("forgets calls whose callers left before they began", async () => {
    const { answers, begun } = calls(aShare(), 4);
    answers[2]?.close();
    answers[0]?.close();
    await settled();
    assert.deepEqual(begun, [answers[0], answers[1], answers[3]]);
  });

  test("lets others begin while a call steps aside, and gives it a place when it comes back", async () => {
    const share = aShare();
    const { answers, begun } = calls(share, 3);
    const [first, second] = answers as [Answer, Answer];
    share.stepAside(first);
    await settled();
    assert.equal(begun.length, 3);
    let isBack = false;
    const back = share.stepBack(first).then(() => (isBack = true));
    await settled();
    assert.equal(isBack, false);
    second.close();
    await back;
    // A call that has a place keeps it.
    await share.stepBack(first);
  });

  test("refuses to do anything for a caller that has left", async () => {
    const share = aShare();
    const { answers } = calls(share, 3);
    const [first, , third] = answers as [Answer, Answer, Answer];
    share.stepAside(first);
    await settled();
    const gone = { reason: "CALLER_GONE" };
    const refused = assert.rejects(share.stepBack(first), gone);
    first.close();
    await refused;
    await assert.rejects(share.stepBack(first), gone);
    const never = assert.rejects(
      share.long(third, () => assert.fail()),
      gone,
    );
    third.close();
    await never;
  });

  test("keeps the place of a waiting call if answers are sent in order", async () => {
    const share = aShare({ isOrdered: true });
    const { answers, begun } = calls(share, 3);
    share.stepAside(answers[0] as Answer);
    await settled();
    assert.equal(begun.length, 2);
  });

  test("limits concurrent long work, whatever happens to it", async () => {
    const count = 3 * LIMITS.connectionLongCallsMax;
    const share = aShare({ callsMax: count });
    const { answers } = calls(share, count);
    let [running, most, ended] = [0, 0, 0];
    const work = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await settled(8);
      running--;
      if (++ended % 2 === 0) throw new Error("no");
    };
    await Promise.allSettled(answers.map((answer) => share.long(answer, work)));
    assert.deepEqual([running, most, ended], [0, LIMITS.connectionLongCallsMax, count]);
    await share.long(answers[0] as Answer, () => Promise.resolve());
  });
});
