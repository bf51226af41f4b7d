import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import { LIMITS } from "../../core/limits.ts";
import type { Operation } from "../../core/operation/operation.ts";
import { idTime } from "../../core/operation/id.ts";
import { systemRandom } from "../../core/ports/random.ts";
import { anOperation } from "../../testing/an-operation.ts";
import type { TestEngine } from "../../testing/test-engine.ts";
import { finish, open, request } from "../packing.suite.ts";
import type { ListParts } from "./list.ts";
import { countRows, listRows, type RowsRequest } from "./rows.ts";

function partsOf({ store }: TestEngine, verbs: ListParts["verbs"] = new Map()): ListParts {
  return { store, random: systemRandom, verbs };
}

async function started(
  test: TestEngine,
  count: number,
  fields: Partial<Operation> = {},
): Promise<Operation[]> {
  const operations = Array.from({ length: count }, () =>
    anOperation({ createTime: test.store.time(), method: "pack", ...fields }),
  );
  await Promise.all(operations.map((operation) => test.store.write({ verb: "insert", operation })));
  return operations;
}

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

describe("listRows()", () => {
  it("lists every collection, newest first, page by page, and says how far back it read", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const all = [];
    for (const parent of ["projects/p", "", "projects/q"])
      all.push(await operations.start(ANONYMOUS, { method: "pack", parent, request }));
    const parts = partsOf(test);
    const first = await listRows({ pageSize: 2 }, parts);
    assert.deepEqual(idsOf(first.rows), idsOf(all).toReversed().slice(0, 2));
    assert.deepEqual([first.lookedAt, first.lookedBackTo], [2, idTime(all[1]?.id ?? "")]);
    assert.equal(first.asOf, test.store.time());
    const second = await listRows({ pageSize: 2, pageToken: first.nextPageToken }, parts);
    assert.deepEqual([idsOf(second.rows), second.nextPageToken], [idsOf(all).slice(0, 1), ""]);
    assert.deepEqual([second.lookedAt, second.lookedBackTo], [1, null]);
    const root = await listRows({ collection: "operations" }, parts);
    assert.deepEqual(idsOf(root.rows), [all[1]?.id]);
    const wide = await listRows({ collection: "projects/-/operations" }, parts);
    assert.deepEqual(idsOf(wide.rows), [all[2]?.id, all[0]?.id]);
  });

  it("can be limited to one method, with any filter, and is empty for a name that cannot exist", async () => {
    await using test = await open();
    const [pack] = await started(test, 1);
    const [clean] = await started(test, 1, { method: "clean" });
    const parts = partsOf(test, new Map([["clean", "wipe"]]));
    const found = async (asked: RowsRequest): Promise<string[]> => idsOf((await listRows(asked, parts)).rows);
    assert.deepEqual(await found({ method: "clean" }), [clean?.id]);
    assert.deepEqual(await found({ method: "clean", filter: "metadata.verb = wipe" }), [clean?.id]);
    assert.deepEqual(await found({ method: "clean", filter: "metadata.verb = pack" }), []);
    assert.deepEqual(await found({ method: "pack", filter: "done = false" }), [pack?.id]);
    assert.deepEqual(await found({ method: "a\0b" }), []);
    assert.equal((await found({ method: "" })).length, 2);
  });

  it("has 50 rows on a page, and no more than 100", async () => {
    await using test = await open();
    await started(test, 130);
    const parts = partsOf(test);
    assert.equal((await listRows({}, parts)).rows.length, LIMITS.pageSizeDefault);
    assert.equal((await listRows({ pageSize: 1_000 }, parts)).rows.length, LIMITS.rowsMax);
  });

  it("sorts one collection by the end, and then says how far back by the end", async () => {
    await using test = await open();
    const [a, b, c] = await started(test, 3);
    assert.ok(a !== undefined && b !== undefined && c !== undefined);
    await finish(test, a);
    await test.clock.advance(1_000);
    await finish(test, b);
    const asked = { collection: "operations", orderBy: "endTime desc", filter: "done = true" };
    const first = await listRows({ ...asked, pageSize: 1 }, partsOf(test));
    assert.deepEqual(idsOf(first.rows), [b.id]);
    assert.equal(first.lookedBackTo, first.rows[0]?.endTime);
    const created = await listRows({ pageSize: 2, orderBy: "createTime" }, partsOf(test));
    assert.equal(created.lookedBackTo, idTime(b.id), "and not by its end where that is not the order");
  });

  it("refuses unsupported requests, and tokens of other lists", async () => {
    await using test = await open();
    await started(test, 2);
    const parts = partsOf(test);
    const { nextPageToken: pageToken } = await listRows({ pageSize: 1, method: "pack" }, parts);
    const { nextPageToken: ofList } = await test.engine.operations.list(ANONYMOUS, {
      parent: "-",
      pageSize: 1,
    });
    const refusals = [
      [{ filter: "don = true" }, "FILTER_INVALID"],
      [{ orderBy: "endTime" }, "ORDER_BY_INVALID"],
      [{ pageSize: -1 }, "PAGE_SIZE_INVALID"],
      [{ collection: "a b" }, "NAME_INVALID"],
      [{ pageToken }, "PAGE_TOKEN_INVALID"],
      [{ pageToken, method: "clean" }, "PAGE_TOKEN_INVALID"],
      [{ pageToken, method: "pack", filter: "done = false" }, "PAGE_TOKEN_INVALID"],
      [{ pageToken: ofList }, "PAGE_TOKEN_INVALID"],
    ] as const;
    for (const [asked, reason] of refusals)
      await assert.rejects(listRows(asked, parts), { code: "INVALID_ARGUMENT", reason });
  });
});

describe("countRows()", () => {
  it("counts the matching operations, says how many are done, and names the newest", async () => {
    await using test = await open();
    const all = await started(test, 9);
    await started(test, 2, { method: "clean" });
    for (const each of all.slice(0, 3)) await finish(test, each);
    const counted = await countRows({ method: "pack", filter: 'metadata.verb != "x"' }, partsOf(test));
    const { examples, ...rest } = counted;
    assert.deepEqual(rest, { count: 9, complete: true, lookedAt: 11, done: 3, notAfter: test.store.time() });
    assert.deepEqual(idsOf(examples), idsOf(all).toReversed().slice(0, LIMITS.countExamplesMax));
    const none = await countRows({ filter: "metadata.state = FAILED" }, partsOf(test));
    assert.deepEqual([none.count, none.complete, none.examples], [0, true, []]);
  });

  it("leaves out operations that were created after the given instant", async () => {
    await using test = await open();
    await started(test, 2);
    const notAfter = test.store.time();
    await test.clock.advance(1);
    await started(test, 3);
    assert.equal((await countRows({ notAfter }, partsOf(test))).count, 2);
    assert.equal((await countRows({}, partsOf(test))).count, 5);
    assert.equal((await countRows({ notAfter: notAfter - 1 }, partsOf(test))).count, 0);
  });

  it("reads no more than its limit, and says that it did not read all", async () => {
    await using test = await open();
    await started(test, LIMITS.listRowsExaminedMax + 50);
    const { count, complete, lookedAt, examples } = await countRows({}, partsOf(test));
    assert.deepEqual([count, complete], [LIMITS.listRowsExaminedMax, false]);
    assert.deepEqual([lookedAt, examples.length], [LIMITS.listRowsExaminedMax, LIMITS.countExamplesMax]);
    const few = await countRows({ filter: "metadata.target = t" }, partsOf(test));
    assert.deepEqual([few.count, few.complete, few.lookedAt], [0, false, LIMITS.listRowsExaminedMax]);
  });
});
