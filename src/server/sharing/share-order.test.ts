import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { suite, test } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { Share } from "./share.ts";
import { assertShareIsIdle } from "./share-left.suite.ts";
import { Turns } from "./turns.ts";

/**
 * A share under any order of actions: calls begin, step aside and back, do long work, leave answers
 * unread, hang up; others resume the connection. The turns of the event loop are steps, too.
 */

const CALLS_MAX = 3;
/** Two of these exceed the limit. */
const UNREAD = LIMITS.connectionUnsentBytesMax / 2;

class Answer extends EventEmitter {
  writableLength = 0;
  is: "waiting" | "under way" | "aside" | "gone" = "waiting";
  /** The step at which it asked for its place. */
  asked = 0;
}

class Inlet extends EventEmitter {
  isPaused = false;
  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
    this.emit("resume");
  }
}

const STEPS = [
  "begin",
  "close",
  "aside",
  "back",
  "unread",
  "read",
  "long",
  "end long",
  "resume",
  "turn",
] as const;
type Step = { readonly step: (typeof STEPS)[number]; readonly which: number };

class History {
  readonly #turns: (() => void)[] = [];
  readonly #inlet = new Inlet();
  readonly #answers: Answer[] = [];
  readonly #longs: (() => void)[] = [];
  readonly #share: Share;
  #aside = 0;
  #asked = 0;
  #long = 0;
  /** The calls begun or resumed since the last check. */
  #started: Answer[] = [];

  constructor() {
    const clock = Object.assign(new ManualClock(), {
      soon: (turn: () => void) => void this.#turns.push(turn),
    });
    const onAside = (count: number): void => void (this.#aside = count);
    const kind = { callsMax: CALLS_MAX, isOrdered: false, inlet: this.#inlet, onAside };
    this.#share = new Share(new Turns(clock), kind);
  }

  async take({ step, which }: Step): Promise<void> {
    const unread = this.#unread;
    const one = (is: Answer["is"]): Answer | undefined => {
      const some = this.#answers.filter((each) => each.is === is);
      return some[which % Math.max(some.length, 1)];
    };
    const underWay = one("under way");
    const shown = this.#answers.filter(({ is }) => is !== "gone");
    if (step === "begin") this.#begin();
    if (step === "close") this.#close(shown[which % Math.max(shown.length, 1)]);
    if (step === "aside" && underWay !== undefined) {
      underWay.is = "aside";
      this.#share.stepAside(underWay);
    }
    if (step === "back") this.#back(one("aside"));
    if (step === "unread" && underWay !== undefined) underWay.writableLength = UNREAD;
    if (step === "read" && underWay !== undefined) underWay.writableLength = 0;
    if (step === "long" && underWay !== undefined) this.#workLong(underWay);
    if (step === "end long") this.#longs.shift()?.();
    if (step === "resume") this.#inlet.resume();
    if (step === "turn") this.#turns.shift()?.();
    await settledPromises();
    this.#look(Math.min(unread, this.#unread));
  }

  async end(): Promise<void> {
    for (const answer of this.#answers) this.#close(answer);
    for (let round = 0; round < 40; round++) {
      for (const end of this.#longs.splice(0)) end();
      for (const turn of this.#turns.splice(0)) turn();
      await settledPromises();
    }
    assert.deepEqual([this.#aside, this.#inlet.isPaused, this.#long], [0, false, 0]);
    assert.equal(this.#waiting.length, 0);
    await assertShareIsIdle(this.#share, CALLS_MAX, () => {
      for (const turn of this.#turns.splice(0)) turn();
    });
  }

  get #waiting(): readonly Answer[] {
    return this.#answers.filter(({ is }) => is === "waiting");
  }

  get #unread(): number {
    return this.#answers.reduce(
      (sum, { is, writableLength }) => sum + (is === "under way" ? writableLength : 0),
      0,
    );
  }

  #begin(): void {
    const answer = new Answer();
    answer.asked = this.#asked++;
    this.#answers.push(answer);
    this.#share.begin(answer, () => this.#start(answer));
  }

  #back(answer: Answer | undefined): void {
    if (answer === undefined) return;
    answer.is = "waiting";
    answer.asked = this.#asked++;
    this.#share.stepBack(answer).then(
      () => this.#start(answer),
      () => assert.equal(answer.is, "gone"),
    );
  }

  #start(answer: Answer): void {
    assert.equal(answer.is, "waiting", "a place is given once, and not to those who are gone");
    answer.is = "under way";
    this.#started.push(answer);
  }

  #close(answer: Answer | undefined): void {
    if (answer === undefined || answer.is === "gone") return;
    answer.is = "gone";
    answer.emit("close");
  }

  #workLong(answer: Answer): void {
    const work = async (): Promise<void> => {
      assert.notEqual(answer.is, "gone", "nothing is done for those who are gone");
      assert.ok(++this.#long <= LIMITS.connectionLongCallsMax);
      await new Promise<void>((resolve) => void this.#longs.push(resolve));
      this.#long--;
    };
    this.#share.long(answer, work).catch(() => assert.equal(answer.is, "gone"));
  }

  /** @param unread the smallest number of unread bytes in this step */
  #look(unread: number): void {
    const started = this.#started.splice(0);
    const underWay = this.#answers.filter(({ is }) => is === "under way").length;
    assert.ok(underWay <= CALLS_MAX);
    if (unread >= LIMITS.connectionUnsentBytesMax) assert.equal(started.length, 0);
    const last = Math.max(-1, ...started.map(({ asked }) => asked));
    const first = Math.min(...this.#waiting.map(({ asked }) => asked));
    assert.ok(last < first, "places are given in the order in which they were asked for");
    assert.equal(this.#aside, this.#answers.filter(({ is }) => is === "aside").length);
    assert.equal(this.#inlet.isPaused, this.#waiting.length > 0);
  }
}

async function settledPromises(): Promise<void> {
  for (let tick = 0; tick < 8; tick++) await Promise.resolve();
}

suite("A share, in any order of its callers' actions,", () => {
  test("gives places in turn and no more than there are, and has all of them back in the end", async () => {
    const weights = { begin: 4, turn: 4, aside: 2, back: 2 } as Readonly<Record<string, number>>;
    const step = fc.record({
      step: fc.oneof(...STEPS.map((each) => ({ weight: weights[each] ?? 1, arbitrary: fc.constant(each) }))),
      which: fc.nat(9),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60, size: "max" }), async (steps) => {
        const history = new History();
        for (const each of steps) await history.take(each);
        await history.end();
      }),
      { numRuns: 300 },
    );
  });

  test("gives as many places at once as become free at once", async () => {
    const turns: (() => void)[] = [];
    const clock = Object.assign(new ManualClock(), { soon: (turn: () => void) => void turns.push(turn) });
    const share = new Share(new Turns(clock), { callsMax: CALLS_MAX, isOrdered: false });
    const answers = Array.from({ length: 2 * CALLS_MAX }, () => new Answer());
    let begun = 0;
    for (const answer of answers) share.begin(answer, () => begun++);
    for (const answer of answers.slice(0, CALLS_MAX)) answer.emit("close");
    while (turns.length > 0) turns.shift()?.();
    assert.equal(begun, answers.length);
  });
});
