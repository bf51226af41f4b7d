import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ANONYMOUS } from "../../core/caller.ts";
import type { ProcessRow } from "../../core/ports/statistics-store.ts";
import { LIMITS } from "../../core/limits.ts";
import { open, request } from "../packing.suite.ts";
import { processRow } from "./facts.suite.ts";
import { adminOf, operator } from "./operators.suite.ts";

describe("Admin.workers()", () => {
  it("lists live processes, and when the leases of a silent one end", async () => {
    await using test = await open();
    const { store } = test;
    const seen = async (id: string, fields: Partial<ProcessRow>): Promise<void> => {
      const now = store.time();
      const process = processRow({ id, seenTime: now, ...fields });
      await store.statistics.add({ time: now - (now % 60_000), process, methods: new Map(), failures: [] });
    };
    const admin = adminOf(test.engine);
    await seen("vanished", { running: 3 });
    await seen("stopped", { draining: true });
    await test.clock.advance(30_000);
    await seen("silent", { running: 1 });
    await test.engine.operations.start(ANONYMOUS, { method: "pack", request });
    const claim = { worker: "silent", leaseMs: 45_000, limit: 1, wanted: [{ method: "pack", limit: 1 }] };
    const { operations } = await test.engine.attempts.claim(claim);
    await test.clock.advance(31_000);
    await seen("lives", { running: 2 });
    const { workers, asOf } = await admin.workers(operator());
    assert.deepEqual(
      workers.map(({ worker: id, leasesEndTime }) => [id, leasesEndTime]),
      [
        ["lives", null],
        ["silent", operations[0]?.leaseTime],
        ["vanished", null],
      ],
      "who said that it stops has not vanished",
    );
    assert.equal(workers[2]?.running, 3);
    assert.equal(asOf, store.time());
    assert.deepEqual([workers[0]?.running, workers[0]?.methods], [2, ["pack"]]);
    await test.clock.advance(LIMITS.processKeptMs + 1);
    assert.deepEqual((await admin.workers(operator())).workers, []);
  });
});
