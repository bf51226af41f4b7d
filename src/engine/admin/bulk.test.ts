import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IN_PROCESS } from "../../core/caller.ts";
import { serviceError, StatusError } from "../../core/error/error.ts";
import { LIMITS } from "../../core/limits.ts";
import { rowOf } from "../../core/list/operation-row.ts";
import type { Operation } from "../../core/operation/operation.ts";
import type { ListQuery } from "../../core/ports/lists.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import {
  type BulkAction,
  type BulkParts,
  type BulkProgress,
  type BulkRequest,
  carryOutBulk,
} from "./bulk.ts";

const ENDED = { state: "SUCCEEDED", endTime: 5 } as const;

const nothing = (): Promise<void> => Promise.resolve();

/** A bulk over some operations, with a record of its actions and reports. */
function aBulk(operations: readonly Operation[], asked: Partial<BulkRequest> = {}) {
  const request: BulkRequest = {
    action: "cancel",
    collection: "-",
    scope: "-",
    filter: "",
    method: "",
    notAfter: 0,
    expected: 0,
    ...asked,
  };
  const clock = new ManualClock();
  const newest = operations.toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const did: string[] = [];
  const reports: BulkProgress[] = [];
  const queries: ListQuery[] = [];
  const abort = new AbortController();
  let before: BulkProgress | null = null;
  let act: (id: string) => Promise<void> = nothing;
  const step = async ({ id }: { readonly id: string }): Promise<void> => {
    await act(id);
    did.push(id);
  };
  const parts: BulkParts = {
    clock,
    store: {
      rows: (query) => {
        queries.push(query);
        const rest = newest.filter(({ id }) => query.after === null || id < query.after.id);
        const page = rest.slice(0, query.limit);
        const last = page.at(-1);
        const next =
          rest.length > page.length && last !== undefined ? { id: last.id, endTime: last.endTime } : null;
        return Promise.resolve({ rows: page.map(rowOf), next, lookedAt: page.length });
      },
    },
    filterOf: () => ({ kind: "methods", names: new Set() }),
    progressOf: () => Promise.resolve(before),
    actions: { cancel: step, delete: step, startAgain: step } satisfies Record<BulkAction, unknown>,
  };
  const run = async () => {
    const context = {
      name: "longrunning/operations/b",
      signal: abort.signal,
      report: (metadata: unknown) => void reports.push(structuredClone(metadata) as BulkProgress),
    };
    const result = carryOutBulk(request, context, { caller: IN_PROCESS, bulkId: "b" }, parts);
    const ended = result.then(
      () => true,
      () => true,
    );
    while (!(await Promise.race([ended, clock.advance(LIMITS.bulkPauseMs).then(() => false)])));
    return result;
  };
  return {
    did,
    reports,
    queries,
    run,
    stop: (error: Error) => abort.abort(error),
    startFrom: (progress: BulkProgress | null) => (before = progress),
    acting: (how: (id: string) => Promise<void>) => (act = how),
  };
}

const many = (count: number, fields: Partial<Operation> = {}): readonly Operation[] =>
  Array.from({ length: count }, () => anOperation(fields));

describe("carryOutBulk()", () => {
  it("goes through everything in steps, and reports after each handful", async () => {
    const operations = many(LIMITS.bulkStepMax + 20);
    const bulk = aBulk(operations, { expected: operations.length });
    assert.deepEqual(await bulk.run(), { done: operations.length, skipped: 0, refusedCount: 0, refused: [] });
    assert.deepEqual(new Set(bulk.did).size, operations.length);
    assert.equal(bulk.queries.length, 2);
    assert.ok(bulk.queries.every(({ limit }) => limit === LIMITS.bulkStepMax));
    const last = bulk.reports.at(-1);
    assert.deepEqual(
      [last?.statusMessage, last?.progressPercent],
      [`${operations.length} done, 0 skipped`, 100],
    );
    assert.ok(bulk.reports.length >= operations.length / LIMITS.bulkAtOnce);
  });

  it("skips operations to which the action does not apply", async () => {
    const operations = [...many(3, ENDED), ...many(2)];
    const ofAction = async (action: BulkAction) => {
      const { done, skipped } = await aBulk(operations, { action }).run();
      return [done, skipped];
    };
    assert.deepEqual(await ofAction("cancel"), [2, 3]);
    assert.deepEqual(await ofAction("startAgain"), [3, 2]);
    assert.deepEqual(await ofAction("delete"), [5, 0]);
  });

  it("names refused operations, up to a limit, and continues", async () => {
    const bulk = aBulk(many(LIMITS.bulkRefusedMax + 5, ENDED), { action: "startAgain" });
    bulk.acting(() => Promise.reject(serviceError("METHOD_NOT_FOUND", "No such method.")));
    const { done, refusedCount, refused } = await bulk.run();
    assert.deepEqual(
      [done, refusedCount, refused.length],
      [0, LIMITS.bulkRefusedMax + 5, LIMITS.bulkRefusedMax],
    );
    assert.deepEqual([refused[0]?.code, refused[0]?.message], ["NOT_FOUND", "No such method."]);
  });

  it("counts missing operations as skipped, and begins again later if the store is unavailable", async () => {
    const gone = aBulk(many(2), { action: "delete" });
    gone.acting(() => Promise.reject(serviceError("OPERATION_NOT_FOUND", "Gone.")));
    assert.deepEqual((await gone.run()).skipped, 2);
    const away = aBulk(many(2));
    away.acting(() => Promise.reject(serviceError("STORE_UNAVAILABLE", "Away.")));
    await assert.rejects(away.run(), { code: "UNAVAILABLE" });
    const broken = aBulk(many(2));
    broken.acting(() => Promise.reject(new TypeError("a bug")));
    await assert.rejects(broken.run(), TypeError);
  });

  it("continues from the last report, with its counts", async () => {
    const operations = many(LIMITS.bulkAtOnce * 3);
    const first = aBulk(operations);
    await first.run();
    const [reported] = first.reports;
    const second = aBulk(operations);
    second.startFrom(reported ?? null);
    assert.equal((await second.run()).done, operations.length);
    assert.equal(second.did.length, operations.length - LIMITS.bulkAtOnce);
    assert.ok(second.did.every((id) => !first.did.slice(0, LIMITS.bulkAtOnce).includes(id)));
  });

  it("stops if more operations match than expected, before it changes the extra ones", async () => {
    const operations = many(LIMITS.bulkAtOnce + 1);
    const bulk = aBulk(operations, { expected: LIMITS.bulkAtOnce });
    await assert.rejects(bulk.run(), { code: "FAILED_PRECONDITION", reason: "BULK_TOO_LARGE" });
    assert.equal(bulk.did.length, LIMITS.bulkAtOnce);
    const exact = aBulk(operations, { expected: operations.length });
    assert.equal((await exact.run()).done, operations.length);
  });

  it("stops midway when it is cancelled", async () => {
    const bulk = aBulk(many(LIMITS.bulkAtOnce * 4));
    bulk.acting(async () => {
      if (bulk.did.length >= LIMITS.bulkAtOnce) bulk.stop(new StatusError("CANCELLED", "Enough."));
    });
    await assert.rejects(bulk.run(), { code: "CANCELLED", message: "Enough." });
    assert.ok(bulk.did.length <= 2 * LIMITS.bulkAtOnce);
    assert.equal(bulk.reports.at(-1)?.done, bulk.did.length, "what was done was reported");
  });
});
