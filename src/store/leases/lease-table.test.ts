import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { InvariantError } from "../../core/invariant.ts";
import { LIMITS } from "../../core/limits.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { LeaseTable, type TableLease } from "./lease-table.ts";

function aLease(attempt = 1): TableLease {
  return { id: anOperation().id, attempt, leaseMs: 30_000, dueAt: attempt + 0.5 };
}

/** Texts of every length up to some slots, with any code units. */
const aText = fc.string({ unit: "binary", minLength: 1, maxLength: 200, size: "max" });
const aTurn = fc.record({
  turn: fc.nat({ max: 8 }),
  more: fc.option(fc.record({ name: aText, token: aText })),
});

test("the reader sees the leases that are kept, whatever was added and released before", () => {
  fc.assert(
    fc.property(fc.array(aTurn, { maxLength: 60 }), (turns) => {
      const owner = new LeaseTable();
      const reader = new LeaseTable(owner.buffer);
      const kept = new Map<number, TableLease>();
      for (const [index, { turn, more }] of turns.entries()) {
        const slot = [...kept.keys()][turn];
        if (slot === undefined) {
          const lease = { ...aLease(index), ...more };
          kept.set(owner.take(lease), lease);
        } else {
          owner.release(slot);
          kept.delete(slot);
        }
      }
      const bySlot = [...kept].toSorted(([a], [b]) => a - b).map(([, lease]) => lease);
      assert.deepEqual(reader.read(), bySlot);
    }),
  );
});

test("both sides see leases beyond the initial slots, and all slots of a lease are reused", () => {
  const owner = new LeaseTable();
  const reader = new LeaseTable(owner.buffer);
  const leases = Array.from({ length: 2_500 }, (_, index) => {
    const name = `${"p".repeat(index % 150)}/operations/x`;
    return { ...aLease(index + 1), name, token: "t".repeat(30) };
  });
  const slots = leases.map((lease) => owner.take(lease));
  assert.deepEqual(reader.read(), leases);
  const { byteLength } = owner.buffer;
  for (const slot of slots) owner.release(slot);
  assert.deepEqual(reader.read(), []);
  for (const lease of leases) owner.take(lease);
  assert.equal(owner.buffer.byteLength, byteLength);
});

test("texts that fill their slots exactly, and the longest of a claim, are read as they are", () => {
  const table = new LeaseTable();
  const { presentedLengthMax } = LIMITS;
  for (const length of [43, 44, 45, 87, 88, 89, presentedLengthMax]) {
    const lease = { ...aLease(), id: "i", name: "ä".repeat(length - 2), token: "\ud800" };
    const slot = table.take(lease);
    assert.deepEqual(table.read(), [lease]);
    table.release(slot);
  }
});

test("a slot is released once, and a second try brings no lease back", () => {
  const table = new LeaseTable();
  const slot = table.take(aLease());
  table.release(slot);
  assert.throws(() => table.release(slot), InvariantError);
  assert.deepEqual(table.read(), []);
});

/** Alternately takes and releases one of two leases, which differ in every digit. */
const OWNER = `
  const { workerData, parentPort } = require("node:worker_threads");
  import(workerData.module).then(({ LeaseTable }) => {
    const table = new LeaseTable(workerData.buffer);
    parentPort.postMessage("ready");
    for (let index = 0; ; index++) {
      const slot = table.take(workerData.leases[index % 2]);
      for (let pause = 0; pause < 20_000; pause++);
      table.release(slot);
    }
  });
`;

test("a reader in another thread never sees halves of two leases", async (context) => {
  const leases = ["0", "f"].map((digit, index) => ({
    id: "00000000-0000-7000-8000-000000000000".replaceAll("0", digit),
    attempt: index + 1,
    leaseMs: index + 1,
    dueAt: index + 1,
    name: digit.repeat(40 + index),
    token: digit.repeat(10 + 30 * index),
  }));
  const table = new LeaseTable();
  const module = new URL("./lease-table.ts", import.meta.url).href;
  const workerData = { module, buffer: table.buffer, leases };
  const worker = new Worker(OWNER, { eval: true, workerData });
  context.after(() => worker.terminate());
  await once(worker, "message");
  const seen = new Map<number, number>();
  while (seen.size < 2 || Math.min(...seen.values()) < 500) {
    for (const lease of table.read()) {
      assert.deepEqual(lease, leases[lease.attempt - 1]);
      seen.set(lease.attempt, (seen.get(lease.attempt) ?? 0) + 1);
    }
  }
});
