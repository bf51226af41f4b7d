import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { IdSource } from "../core/operation/id.ts";
import { formatName } from "../core/operation/name.ts";
import { seededRandom } from "../testing/seeded-random.ts";
import { finish, open, request, UNKNOWN } from "./packing.suite.ts";
import { missingError, operationNameOf } from "./missing.ts";

const START = Date.UTC(2026, 0, 1);
const EXPIRED = { code: "NOT_FOUND", reason: "OPERATION_EXPIRED" };
const UNKNOWN_OPERATION = { code: "NOT_FOUND", reason: "OPERATION_NOT_FOUND" };

function anId(timeMs: number, timeToLiveMs?: number): string {
  return new IdSource(seededRandom(1)).next(timeMs, undefined, timeToLiveMs);
}

function reasonOf(id: string, now: number): unknown {
  return (missingError(`operations/${id}`, id, now) as { readonly reason?: unknown }).reason;
}

describe("missingError()", () => {
  it("distinguishes expired from unknown operations by the id alone", () => {
    const id = anId(START, 60_000);
    assert.equal(reasonOf(id, START), "OPERATION_NOT_FOUND");
    assert.equal(reasonOf(id, START + 55_000), "OPERATION_NOT_FOUND");
    assert.equal(reasonOf(id, START + 60_000), "OPERATION_EXPIRED");
    assert.equal(reasonOf(id, START - 1), "OPERATION_NOT_FOUND");
  });

  it("does not trust ids from the future, from before such ids existed, or without a time to live", () => {
    assert.equal(reasonOf(anId(START + 1, 0), START), "OPERATION_NOT_FOUND");
    assert.equal(reasonOf(anId(0, 0), START), "OPERATION_NOT_FOUND");
    assert.equal(reasonOf(anId(START), START * 2), "OPERATION_NOT_FOUND");
  });
});

describe("operationNameOf()", () => {
  it("says why a parent is invalid", () => {
    assert.throws(() => operationNameOf("projects/../operations/x"), { reason: "NAME_INVALID" });
    const name = `a\u202e/operations/${anId(START)}`;
    assert.equal(operationNameOf(name).parent, "a\u202e");
    assert.throws(() => missingError(name, anId(START), START), { reason: "NAME_INVALID" });
  });

  it("refuses texts that are not names of operations", () => {
    assert.throws(() => operationNameOf("operations/x"), UNKNOWN_OPERATION);
    assert.throws(() => operationNameOf("projects/p"), UNKNOWN_OPERATION);
  });
});

describe("an operation that has expired", () => {
  it("is expired, not unknown, for every call", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const start = { method: "pack", parent: "projects/p", request, timeToLiveMs: 60_000 };
    const started = await operations.start(ANONYMOUS, start);
    const name = formatName(started);
    await finish(test, started);
    await test.clock.advance(60_000);
    await test.engine.sweep.round();
    await assert.rejects(operations.get(ANONYMOUS, name), EXPIRED);
    await assert.rejects(operations.cancel(ANONYMOUS, name), EXPIRED);
    await assert.rejects(operations.delete(ANONYMOUS, name), EXPIRED);
    await assert.rejects(operations.wait(ANONYMOUS, name), EXPIRED);
    await assert.rejects(operations.get(ANONYMOUS, UNKNOWN), UNKNOWN_OPERATION);
  });

  it("a deleted operation is unknown until its time to live has passed", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const name = formatName(
      await operations.start(ANONYMOUS, { method: "pack", request, timeToLiveMs: 60_000 }),
    );
    await operations.delete(ANONYMOUS, name);
    await assert.rejects(operations.get(ANONYMOUS, name), UNKNOWN_OPERATION);
    await assert.rejects(operations.delete(ANONYMOUS, name), UNKNOWN_OPERATION);
    await test.clock.advance(60_000);
    await assert.rejects(operations.get(ANONYMOUS, name), EXPIRED);
  });

  it("an operation of another parent, present or past, gets the same answer at every age", async () => {
    await using test = await open();
    const { operations } = test.engine;
    const start = { method: "pack", parent: "projects/p", request } as const;
    const [kept, removed] = [
      await operations.start(ANONYMOUS, start),
      await operations.start(ANONYMOUS, start),
    ];
    await operations.delete(ANONYMOUS, formatName(removed));
    const watcher = { changed: () => {}, removed: () => {}, ended: () => {} };
    for (const expected of [UNKNOWN_OPERATION, EXPIRED]) {
      for (const { id } of [kept, removed]) {
        const name = `projects/q/operations/${id}`;
        for (const call of ["get", "cancel", "delete", "wait"] as const)
          await assert.rejects(operations[call](ANONYMOUS, name), expected, call);
        await assert.rejects(operations.watchOperation(ANONYMOUS, name, watcher), expected);
      }
      await test.clock.advance(3 * 86_400_000);
    }
    assert.equal((await operations.get(ANONYMOUS, formatName(kept))).id, kept.id);
  });
});
