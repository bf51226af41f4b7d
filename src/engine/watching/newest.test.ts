import assert from "node:assert/strict";
import { test } from "node:test";
import type { ListQuery } from "../../core/ports/lists.ts";
import { LIMITS } from "../../core/limits.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { Newest } from "./newest.ts";

const area = { collection: { parent: "p", isWide: false }, filter: null, filterText: "" };

/** A list with the given numbers of operations on its pages, endless if `isEndless`. */
function listOf(counts: readonly number[], isEndless: boolean) {
  const asked: number[] = [];
  const list = async ({ limit }: ListQuery) => {
    const count = Math.min(limit, counts[asked.length] ?? 0);
    asked.push(limit);
    const operations = Array.from({ length: count }, () => anOperation());
    const isLast = !isEndless && asked.length >= counts.length;
    return { operations, next: isLast ? null : { id: `${asked.length}`, endTime: null } };
  };
  return { asked, newest: new Newest({ list }, area) };
}

async function sizes(newest: Newest): Promise<readonly number[]> {
  const found: number[] = [];
  for (let page = await newest.next(); page !== undefined; page = await newest.next())
    found.push(page.length);
  return found;
}

test("the newest are all operations there are, or a thousand", async () => {
  assert.deepEqual(await sizes(listOf([300, 0, 200], false).newest), [300, 0, 200]);
  const { asked, newest } = listOf([600, 600, 600], true);
  assert.deepEqual(await sizes(newest), [600, 400]);
  assert.deepEqual(asked, [LIMITS.watchedNewestMax, 400]);
});

test("for a filter that matches nothing, ten pages are read", async () => {
  assert.equal((await sizes(listOf([], true).newest)).length, 10);
});
