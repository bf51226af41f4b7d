import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../core/limits.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { Amounts } from "./amounts.ts";

function open() {
  const clock = new ManualClock();
  const kept = new Map<string, number | Error>();
  const asked: string[] = [];
  const amounts = new Amounts({
    clock,
    count: async (tenant, most) => {
      asked.push(tenant);
      const count = kept.get(tenant) ?? 0;
      if (count instanceof Error) throw count;
      return Math.min(count, most);
    },
  });
  const add = async (tenant: string, limit: number): Promise<boolean> => amounts.add(tenant, limit);
  return { clock, kept, asked, amounts, add };
}

describe("Amounts", () => {
  it("counts once, and then continues from the count and what it has allowed since", async () => {
    const { kept, asked, amounts, add } = open();
    kept.set("p", 7);
    assert.equal(await add("p", 10), true);
    assert.deepEqual([amounts.add("p", 10), amounts.add("p", 10)], [true, true], "at once");
    assert.equal(amounts.add("p", 10), false);
    assert.deepEqual(asked, ["p"]);
    assert.equal(await add("q", 1), true, "each tenant has its own");
  });

  it("counts again if that decides a call, at most once a second, and otherwise at intervals", async () => {
    const { clock, kept, asked, amounts, add } = open();
    kept.set("p", 10);
    assert.equal(await add("p", 10), false);
    assert.equal(amounts.add("p", 10), false);
    kept.set("p", 9);
    await clock.advance(LIMITS.quotaCountMsMin);
    assert.equal(await add("p", 10), true);
    assert.equal(asked.length, 2);
    assert.equal(amounts.add("p", 20), true);
    await clock.advance(LIMITS.quotaCountMs);
    kept.set("p", 19);
    assert.equal(await add("p", 20), true);
    assert.equal(amounts.add("p", 20), false);
    assert.equal(asked.length, 3);
  });

  it("shares a count among concurrent callers, and lets through no more of them than there is room for", async () => {
    const { kept, asked, add } = open();
    kept.set("p", 3);
    const all = await Promise.all(Array.from({ length: 6 }, () => add("p", 5)));
    assert.deepEqual(all, [true, true, false, false, false, false]);
    assert.deepEqual(asked, ["p"]);
  });

  it("refuses nothing while the store does not answer", async () => {
    const { kept, add } = open();
    kept.set("p", new Error("away"));
    assert.equal(await add("p", 1), true);
  });
});
