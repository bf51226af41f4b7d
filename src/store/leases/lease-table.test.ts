import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { InvariantError } from "../../core/invariant.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { LeaseTable, type TableLease } from "./lease-table.ts";

function aLease(attempt = 1): TableLease {
  return { id: anOperation().id, attempt, leaseMs: 30_000 };
}

test("the reader sees the leases that are kept, whatever was added and released before", () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 8 }), { maxLength: 60 }), (turns) => {
      const owner = new LeaseTable();
      const reader = new LeaseTable(owner.buffer);
      const kept = new Map<number, TableLease>();
      for (const [index, turn] of turns.entries()) {
        const slot = [...kept.keys()][turn];
        if (slot === undefined) {
          const lease = aLease(index);
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

test("both sides see leases beyond the initial slots, and slots are reused", () => {
  const owner = new LeaseTable();
  const reader = new LeaseTable(owner.buffer);
  const leases = Array.from({ length: 5_000 }, (_, index) => aLease(index + 1));
  const slots = leases.map((lease) => owner.take(lease));
  assert.deepEqual(reader.read(), leases);
  const { byteLength } = owner.buffer;
  for (const slot of slots) owner.release(slot);
  assert.deepEqual(reader.read(), []);
  for (const lease of leases) owner.take(lease);
  assert.equal(owner.buffer.byteLength, byteLength);
});

test("an invalid id is refused, and so is a slot that is released twice", () => {
  const table = new LeaseTable();
  assert.throws(() => table.take({ id: "a", attempt: 1, leaseMs: 1 }), InvariantError);
  const slot = table.take(aLease());
  table.release(slot);
  assert.throws(() => table.release(slot), InvariantError);
});

/** Alternately takes and releases one of two leases, whose ids differ in every digit. */
const OWNER = `
  const { workerData, parentPort } = require("node:worker_threads");
  import(workerData.module).then(({ LeaseTable }) => {
    const table = new LeaseTable(workerData.buffer);
    parentPort.postMessage("ready");
    for (let index = 0; ; index++) {
      const slot = table.take(workerData.leases[index % 2]);
      for (let pause = 0; pause < 2_000; pause++);
      table.release(slot);
    }
  });
`;

test("a reader in another thread never sees halves of two leases", async (context) => {
  const leases = ["0", "f"].map((digit, index) => ({
    id: "00000000-0000-7000-8000-000000000000".replaceAll("0", digit),
    attempt: index + 1,
    leaseMs: index + 1,
  }));
  const table = new LeaseTable();
  const module = new URL("./lease-table.ts", import.meta.url).href;
  const workerData = { module, buffer: table.buffer, leases };
  const worker = new Worker(OWNER, { eval: true, workerData });
  context.after(() => worker.terminate());
  await once(worker, "message");
  const seen = new Map<number, number>();
  while (seen.size < 2 || Math.min(...seen.values()) < 2_000) {
    for (const { id, attempt, leaseMs } of table.read()) {
      assert.deepEqual({ id, attempt, leaseMs }, leases[attempt - 1]);
      seen.set(attempt, (seen.get(attempt) ?? 0) + 1);
    }
  }
});
