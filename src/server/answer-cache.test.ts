import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Change } from "../core/ports/store.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { AnswerCache, type Ticket } from "./answer-cache.ts";

const LIFE_MS = 1_000;

function changed(...ids: readonly string[]): Change[] {
  return ids.map((id) => ({ id, method: "m", state: "RUNNING", availableTime: 0, cancelRequested: false }));
}

function open(bytesMax = 1_000) {
  const clock = new ManualClock();
  const now = (): number => clock.monotonic();
  return { clock, cache: new AnswerCache<string>({ bytesMax, lifeMs: LIFE_MS, now }) };
}

describe("AnswerCache", () => {
  it("returns the stored answer until the operation changes, for each representation, and for no other operation", () => {
    const { cache } = open();
    for (const key of ["a", "a?pretty", "b"])
      assert.ok(cache.keep(cache.begin(key.charAt(0)), { view: "", key }, `<${key}>`, 10));
    assert.equal(cache.get("", "a?pretty"), "<a?pretty>");
    cache.notice(changed("a"));
    assert.deepEqual(
      ["a", "a?pretty", "b"].map((key) => cache.get("", key)),
      [undefined, undefined, "<b>"],
    );
    assert.equal(cache.bytes, 10);
  });

  it("does not keep an answer that was read before a change and arrives after it", () => {
    const { cache } = open();
    const early = cache.begin("a");
    cache.notice(changed("a"));
    const late = cache.begin("a");
    assert.equal(cache.keep(early, { view: "", key: "a" }, "old", 10), false);
    assert.equal(cache.get("", "a"), undefined);
    assert.ok(cache.keep(late, { view: "", key: "a" }, "new", 10));
    assert.equal(cache.get("", "a"), "new");
  });

  it("evicts the least recently used answer when it is full, and never stores one that does not fit", () => {
    const { cache } = open(30);
    for (const id of ["a", "b", "c"]) cache.keep(cache.begin(id), { view: "", key: id }, id, 10);
    cache.get("", "a");
    cache.keep(cache.begin("d"), { view: "", key: "d" }, "d", 10);
    assert.deepEqual(
      ["a", "b", "c", "d"].map((key) => cache.get("", key)),
      ["a", undefined, "c", "d"],
    );
    assert.equal(cache.keep(cache.begin("e"), { view: "", key: "e" }, "e", 31), false);
    assert.equal(cache.bytes, 30);
  });

  it("keeps a separate answer for each view, whatever keys and views look like", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "\n"), maxLength: 3 });
    const places = fc.tuple(text, text);
    fc.assert(
      fc.property(places, places, (kept, asked) => {
        const { cache } = open();
        const [view, key] = kept;
        cache.keep(cache.begin("id"), { view, key }, "secret", 10);
        const isSame = view === asked[0] && key === asked[1];
        assert.equal(cache.get(...asked), isSame ? "secret" : undefined);
      }),
      { seed: 20_260_101, numRuns: 5_000 },
    );
  });

  it("forgets everything after a while", async () => {
    const { cache, clock } = open();
    cache.keep(cache.begin("a"), { view: "", key: "a" }, "a", 10);
    await clock.advance(LIFE_MS - 1);
    assert.equal(cache.get("", "a"), "a");
    await clock.advance(1);
    assert.equal(cache.get("", "a"), undefined);
    assert.equal(cache.bytes, 0);
  });
});

/**
 * A store of two records in which commits, notices and acknowledgements are separate steps, as are
 * the two steps of a reader.
 */
type Step = {
  readonly step: "commit" | "notice" | "take" | "read" | "keep" | "look";
  readonly id: "a" | "b";
};

const STEP: fc.Arbitrary<Step> = fc.record({
  step: fc.constantFrom("commit", "notice", "take", "read", "keep", "look"),
  id: fc.constantFrom("a", "b"),
});

/** A reader of one record: first it has a ticket, then the record that it read. */
interface Reading {
  readonly ticket: Ticket;
  read: number | undefined;
}

describe("AnswerCache, in any order of reads, writes and notices,", () => {
  it("never returns an answer from before a write that its caller knows of", () => {
    const history = fc.array(STEP, { maxLength: 60, size: "max" });
    fc.assert(
      fc.property(history, (steps) => neverStale(steps)),
      { seed: 20_260_101, numRuns: 5_000 },
    );
  });

  it("fails this test if tickets are ignored", () => {
    const history = fc.array(STEP, { maxLength: 60, size: "max" });
    const found = fc.check(fc.property(history, careless), { seed: 20_260_101, numRuns: 5_000 });
    assert.ok(found.failed);
  });
});

/** Whether the property holds for a cache that ignores its tickets. */
function careless(steps: readonly Step[]): boolean {
  try {
    neverStale(steps, true);
    return true;
  } catch {
    return false;
  }
}

/**
 * The writer of a record is answered right after its notice: from then on no reader may get an
 * earlier revision.
 */
function neverStale(steps: readonly Step[], ignoreTickets = false): void {
  const cache = new AnswerCache<number>({ bytesMax: 25, lifeMs: 1, now: () => 0 });
  const committed = { a: 0, b: 0 };
  const known = { a: 0, b: 0 };
  const readings: Record<"a" | "b", Reading[]> = { a: [], b: [] };
  for (const { step, id } of steps) {
    if (step === "commit") committed[id]++;
    if (step === "notice") {
      cache.notice(changed(id));
      known[id] = committed[id];
    }
    if (step === "take") readings[id].push({ ticket: cache.begin(id), read: undefined });
    const reading = readings[id].find(({ read }) => (step === "read") === (read === undefined));
    if (step === "read" && reading !== undefined) reading.read = committed[id];
    if (step === "keep" && reading?.read !== undefined) {
      readings[id].splice(readings[id].indexOf(reading), 1);
      if (ignoreTickets) reading.ticket.changed = false;
      cache.keep(reading.ticket, { view: "", key: id }, reading.read, 10);
    }
    if (step === "look") assert.ok((cache.get("", id) ?? Number.POSITIVE_INFINITY) >= known[id]);
    assert.ok(cache.bytes <= 25);
  }
}
