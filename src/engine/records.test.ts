import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import type { Operation } from "../core/operation/operation.ts";
import { silence } from "../core/events.ts";
import { LIMITS } from "../core/limits.ts";
import { transition } from "../core/operation/transition.ts";
import { anOperation } from "../testing/an-operation.ts";
import { openTestEngine, type TestEngine } from "../testing/test-engine.ts";
import { Records } from "./records.ts";

async function stored(test: TestEngine): Promise<Operation> {
  const operation = anOperation({ createTime: test.clock.now() });
  await test.store.write({ verb: "insert", operation });
  return operation;
}

const cancel = (operation: Operation) => transition(operation, { type: "cancel", now: operation.createTime });

const bump = (operation: Operation) => ({
  next: { ...operation, failedAttempts: operation.failedAttempts + 1, revision: operation.revision + 1 },
});

describe("Records.change()", () => {
  it("returns missing if there is no record", async () => {
    await using test = await openTestEngine([]);
    assert.deepEqual(await new Records(test.store, silence).change("none", cancel), { missing: true });
  });

  it("decides again on the stored record if the caller's version is out of date", async () => {
    await using test = await openTestEngine([]);
    const known = await stored(test);
    const records = new Records(test.store, silence);
    await records.change(known.id, cancel);
    const late = await records.change(known.id, cancel, { known });
    assert.equal(late.operation?.state, "CANCELLED");
    assert.equal(late.operation === undefined ? undefined : late.refused, "done");
  });

  it("refuses a change that the store refuses, if the caller knew the current record", async () => {
    await using test = await openTestEngine([]);
    const { id } = await stored(test);
    const records = new Records(test.store, silence);
    const { operation: known } = await records.change(id, cancel);
    test.store.read = () => Promise.resolve(known);
    assert.deepEqual(await records.change(id, cancel, { known: known as Operation }), {
      operation: known,
      refused: "done",
    });
  });

  it("gives up with ABORTED if others keep winning", async () => {
    await using test = await openTestEngine([]);
    const { id } = await stored(test);
    test.store.write = () => Promise.resolve({ replaced: false } as never);
    let contended = 0;
    const records = new Records(test.store, { "operation.contended": () => void contended++ });
    await assert.rejects(records.change(id, cancel), { code: "ABORTED", reason: "CONTENTION" });
    assert.equal(contended, LIMITS.conflictRetriesMax);
  });

  it("loses none of many concurrent changes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 12 }), async (count) => {
        await using test = await openTestEngine([]);
        const { id } = await stored(test);
        const records = new Records(test.store, silence);
        await Promise.all(Array.from({ length: count }, () => records.change(id, bump)));
        assert.equal((await records.read(id))?.failedAttempts, count);
      }),
      { numRuns: 20 },
    );
  });
});
