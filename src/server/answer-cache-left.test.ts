import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { Change } from "../core/ports/store.ts";
import { AnswerCache, type Ticket } from "./answer-cache.ts";

const BYTES_MAX = 30;

function open(): AnswerCache<string> {
  return new AnswerCache<string>({ bytesMax: BYTES_MAX, lifeMs: 1_000, now: () => 0 });
}

function keep(cache: AnswerCache<string>, ticket: Ticket, key: string, bytes: number): boolean {
  return cache.keep(ticket, { view: "", key }, key, bytes);
}

function changed(...ids: readonly string[]): readonly Change[] {
  return ids.map((id) => ({ id, method: "m", state: "RUNNING", availableTime: 0, cancelRequested: false }));
}

suite("A cache of answers", () => {
  test("has no ticket left once each is used, kept, given up, or invalidated by a change", () => {
    const cache = open();
    const [kept, large, givenUp, gone] = ["a", "b", "c", "d"].map((id) => cache.begin(id));
    assert.ok(kept && large && givenUp && gone);
    assert.equal(cache.underWay, 4);
    keep(cache, kept, "a", 10);
    keep(cache, large, "b", BYTES_MAX + 1);
    cache.giveUp(givenUp);
    cache.giveUp(givenUp);
    cache.notice(changed("d"));
    assert.equal(cache.underWay, 0);
    assert.equal(keep(cache, gone, "d", 10), false);
    assert.deepEqual([cache.underWay, cache.kept, cache.bytes], [0, 1, 10]);
  });

  test("keeps tickets of one operation separate", () => {
    const cache = open();
    const [first, second] = [cache.begin("a"), cache.begin("a")];
    cache.giveUp(first);
    assert.equal(cache.underWay, 1);
    cache.notice(changed("a"));
    assert.equal(keep(cache, second, "a", 10), false);
    assert.deepEqual([cache.underWay, cache.kept, cache.bytes], [0, 0, 0]);
  });

  test("counts each answer once, however it was kept, replaced, evicted and forgotten", () => {
    const cache = open();
    for (const bytes of [10, 20, 10]) keep(cache, cache.begin("a"), "a", bytes);
    assert.deepEqual([cache.kept, cache.bytes], [1, 10]);
    keep(cache, cache.begin("a"), "a?pretty", 10);
    assert.deepEqual([cache.kept, cache.bytes], [1, 20]);
    keep(cache, cache.begin("b"), "b", BYTES_MAX);
    assert.deepEqual([cache.kept, cache.bytes], [1, BYTES_MAX]);
    cache.notice(changed("a"));
    assert.deepEqual([cache.kept, cache.bytes], [1, BYTES_MAX]);
    cache.notice(changed("b"));
    assert.deepEqual([cache.kept, cache.bytes], [0, 0]);
  });
});
