import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { LIMITS } from "../core/limits.ts";
import { parseRate, type Rate } from "../core/quota.ts";
import { Buckets } from "./buckets.ts";

const rateOf = (text: string): Rate => parseRate(text) ?? assert.fail(text);

const moment = (now: number) => ({ now, share: 1 });

/** Takes a token if there is one. */
function taken(buckets: Buckets, key: string, rate: Rate, when: { now: number; share: number }): boolean {
  if (buckets.missingMs(key, rate, when) > 0) return false;
  buckets.take(key, rate, when);
  return true;
}

describe("Buckets", () => {
  it("allows all calls of a window at once, and then one after the other, evenly spaced", () => {
    const buckets = new Buckets();
    const rate = rateOf("60/m");
    for (let call = 0; call < 60; call++) assert.ok(taken(buckets, "a", rate, { now: 0, share: 1 }));
    assert.equal(buckets.missingMs("a", rate, { now: 0, share: 1 }), 1_000);
    assert.equal(buckets.missingMs("a", rate, { now: 999, share: 1 }), 1);
    assert.ok(taken(buckets, "a", rate, { now: 1_000, share: 1 }));
    assert.ok(!taken(buckets, "a", rate, { now: 1_000, share: 1 }));
    assert.ok(taken(buckets, "b", rate, { now: 1_000, share: 1 }), "others have their own");
  });

  it("never allows more than a window's calls and those regained since, in any order of calls", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat(3_000), { minLength: 1, maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        (steps, calls) => {
          const buckets = new Buckets();
          const rate = rateOf(`${calls}/s`);
          let now = 0;
          let given = 0;
          for (const step of steps) {
            now += step / 10;
            if (taken(buckets, "a", rate, { now, share: 1 })) given++;
            assert.ok(given <= calls + (now * calls) / 1_000 + 1e-6, `${given} by ${now}`);
          }
        },
      ),
    );
  });

  it("says when there will be a token: then there is one, and not a millisecond earlier", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.constantFrom("s", "m", "h"), (calls, unit) => {
        const buckets = new Buckets();
        const rate = rateOf(`${calls}/${unit}`);
        while (taken(buckets, "a", rate, moment(0)));
        const ms = buckets.missingMs("a", rate, moment(0));
        assert.ok(buckets.missingMs("a", rate, moment(Math.max(0, ms - 1.1))) > 0);
        assert.ok(buckets.missingMs("a", rate, moment(ms + 0.001)) <= 1);
      }),
    );
  });

  it("allows its share, and one call at a time of a share below one", () => {
    const buckets = new Buckets();
    const rate = rateOf("10/s");
    const share = 1 / 4;
    const given = (key: string, of: Rate, part: number): number => {
      let count = 0;
      while (taken(buckets, key, of, { now: 0, share: part })) count++;
      return count;
    };
    assert.equal(given("a", rate, share), 2);
    assert.equal(buckets.missingMs("a", rate, { now: 0, share }), 200);
    assert.equal(given("b", rateOf("1/h"), 1 / 8), 1);
    assert.equal(buckets.missingMs("b", rateOf("1/h"), { now: 0, share: 1 / 8 }), 8 * 3_600_000);
  });

  it("forgets the least recently used bucket when there are too many", () => {
    const buckets = new Buckets();
    const rate = rateOf("1/h");
    for (let index = 0; index < LIMITS.quotaBucketsMax; index++)
      taken(buckets, String(index), rate, moment(0));
    assert.equal(taken(buckets, "0", rate, moment(0)), false, "it is asked for again");
    taken(buckets, "one more", rate, moment(0));
    assert.equal(buckets.size, LIMITS.quotaBucketsMax);
    assert.equal(taken(buckets, "0", rate, moment(0)), false);
    assert.equal(taken(buckets, "1", rate, moment(0)), true, "it was forgotten");
  });
});
